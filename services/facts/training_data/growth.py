"""How rows and cost of a model's retrains grow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kernel.money import Money

YEAR_DAYS = 365.25
TOO_FAST = 2.0
LEAST_DAYS = 28.0


@dataclass(frozen=True, slots=True)
class Retrain:
    """One retrain that is over; the cost is None where something had no price."""

    at: datetime
    rows: int
    cost: Money | None


@dataclass(frozen=True, slots=True)
class Growth:
    """By what factor rows and cost grow in a year; None where it cannot be told yet.

    Attributes
    ----------
    warning
        One sentence where either doubles in a year; else empty.
    """

    rows: float | None
    cost: float | None
    warning: str


def growth(retrains: Sequence[Retrain]) -> Growth:
    """Return how fast rows and cost grow.

    Notes
    -----
    The factor of a year by least squares on the logarithm over time: exp(slope × 365.25). Two retrains
    at least 28 days apart are the least; what was nothing or has another currency is left out.
    """
    rows = _a_year([(each.at, float(each.rows)) for each in retrains])
    currencies = {each.cost.currency for each in retrains if each.cost is not None}
    priced = [(each.at, float(each.cost.micros)) for each in retrains if each.cost is not None]
    cost = _a_year(priced) if len(currencies) == 1 else None
    said = [
        f"{name} grow {factor:.1f} times a year"
        for name, factor in (("rows", rows), ("costs", cost))
        if factor is not None and factor >= TOO_FAST
    ]
    words = (
        f"The {' and '.join(said)}; a rolling or sampled window would stop that." if said else ""
    )
    return Growth(rows, cost, words)


def _a_year(points: list[tuple[datetime, float]]) -> float | None:

    held = sorted((at, math.log(value)) for at, value in points if value > 0)
    if len(held) < 2 or (held[-1][0] - held[0][0]).total_seconds() < LEAST_DAYS * 86_400:
        return None
    days = [(at - held[0][0]).total_seconds() / 86_400 for at, _ in held]
    mean_x, mean_y = sum(days) / len(days), sum(y for _, y in held) / len(held)
    over = sum((x - mean_x) ** 2 for x in days)
    slope = sum((x - mean_x) * (y - mean_y) for x, (_, y) in zip(days, held, strict=True)) / over
    return math.exp(slope * YEAR_DAYS)
