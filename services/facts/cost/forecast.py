"""What a period is likely to come to: days drawn again, week by week.

References
----------
Künsch, "The jackknife and the bootstrap for general stationary observations", 1989: blocks keep what
hangs together from one day to the next. Hyndman and Athanasopoulos, "Forecasting: principles and
practice", 3rd ed., 5.2 and 5.5: seasonal methods, and intervals from resampled days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from services.kernel.money import Money

WEEK = 7
LEAST_DAYS = 14
MOST_DAYS = 84
DRAWS, SEED = 2000, 20261126
LEVEL = 0.8
"""Four in five periods end within the interval: it is for planning, not for proof."""
METHOD = "blocks of a week of the last {n} days, drawn {draws} times"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a period is likely to come to at its end.

    Attributes
    ----------
    likely
        In the middle of what was drawn.
    lo, hi
        Four in five periods end between them.
    by_day
        Likely, lowest and highest total at the end of each day that is left, in micro-units.
    days
        So many days it was learned from.
    """

    likely: Money
    lo: Money
    hi: Money
    by_day: tuple[tuple[int, int, int], ...]
    days: int
    level: float = LEVEL

    @property
    def method(self) -> str:
        """Return how it was made, in words."""
        return METHOD.format(n=self.days, draws=f"{DRAWS:,}")


def forecast(past: Sequence[int], spent: Money, left: int) -> Forecast | None:
    """Return what a period is likely to come to; None with fewer than two weeks to learn from.

    Parameters
    ----------
    past
        Micro-units of each whole day before today, oldest first, without gaps; the newest 84 count, from
        the first day on that anything was spent.
    spent
        In the period until the beginning of today.
    left
        Days of the period from today on, today among them; 0 or more.

    Notes
    -----
    Each drawn future is made of blocks of seven days in a row that begin on the weekday they stand
    for, so that weekends and busy weeks stay what they are. What a draw differs from the mean of all
    draws is stretched: by √(1 + left / days), since the mean of few days is itself not known exactly,
    and by √(n / (n − 1)) and Student's quantile over the normal one for the n weeks it is drawn from,
    since few weeks show too little of how weeks differ.
    """
    days = _learned(past)
    if len(days) < LEAST_DAYS:
        return None
    if left <= 0:
        return Forecast(spent, spent, spent, (), len(days))
    futures = np.cumsum(_drawn(np.asarray(days, dtype=float), left), axis=1)
    mean = futures.mean(axis=0)
    wide = mean + (futures - mean) * np.sqrt(1 + left / len(days)) * _few(len(days) // WEEK)
    ends = [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2]
    lo, likely, hi = np.quantile(wide, ends, axis=0)
    if min(days) >= 0:
        lo, likely = np.maximum(lo, 0.0), np.maximum(likely, 0.0)
    by_day = tuple(
        (spent.micros + round(float(a)), spent.micros + round(float(b)), spent.micros + round(float(c)))
        for a, b, c in zip(likely, lo, hi, strict=True)
    )  # fmt: skip
    middle, least, most = (Money(spent.currency, each) for each in by_day[-1])
    return Forecast(middle, least, most, by_day, len(days))


def _few(weeks: int) -> float:
    """Return by how much an interval from so few weeks is too narrow."""
    top = (1 + LEVEL) / 2
    student, normal = special.stdtrit(weeks - 1, top), special.ndtri(top)
    return float(student / normal * np.sqrt(weeks / (weeks - 1)))


def _learned(past: Sequence[int]) -> list[int]:
    first = next((index for index, each in enumerate(past) if each), len(past))
    return list(past[first:])[-MOST_DAYS:]


def _drawn(days: Any, left: int) -> Any:
    """Return futures: one row a draw, one column a day that is left.

    Notes
    -----
    Today's weekday is that of the day seven, fourteen … places before the end of the past. A block may
    begin at each of those, as far as seven days follow it; the last weeks are as likely as the first.
    """
    generator = np.random.default_rng(SEED)
    blocks = -(-left // WEEK)
    starts = np.arange(len(days) - WEEK, -1, -WEEK)
    chosen = generator.choice(starts, size=(DRAWS, blocks))
    places = chosen[:, :, None] + np.arange(WEEK)
    return days[places].reshape(DRAWS, blocks * WEEK)[:, :left]
