"""What a ticket may cost before it costs anything."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from scipy import special

from services.decisions.retraining.quote import Quote
from services.facts.cost import rules
from services.facts.cost.types import Allocation
from services.kernel.money import Money, Rate

LEAST_RUNS = 3
LEVEL = 0.8
"""Four in five runs end within the interval: it is for planning, not for proof."""


@dataclass(frozen=True, slots=True)
class Power:
    """What hardware draws while it works, and who says so."""

    watts: float
    source: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a ticket would hold at most.

    Attributes
    ----------
    seconds
        Time limit of one attempt.
    grace_seconds
        How long an attempt may go on after it was asked to stop; it is paid for.
    past_seconds
        Wall seconds of runs of the same recipe that ended well, all attempts of each together.
    power
        None where nobody declared it.
    on_demand_after
        Interruptions on spot after which machines are asked for that stay.
    """

    allocation: Allocation
    seconds: int
    max_attempts: int
    grace_seconds: float = 10.0
    past_seconds: tuple[float, ...] = ()
    power: Power | None = None
    on_demand_after: int = 2

    @property
    def longest(self) -> Decimal:
        """Return the seconds of every attempt at its limit."""
        return self.max_attempts * (Decimal(self.seconds) + Decimal(str(self.grace_seconds)))


@dataclass(frozen=True, slots=True)
class Span:
    """How long a run is likely to take, in seconds; four in five end between ``lo`` and ``hi``."""

    likely: float
    lo: float
    hi: float


def quote(
    plan: Plan,
    rates: Mapping[str, Rate | None],
    currency: str,
    quoted_at: datetime,
    *,
    spot: Mapping[str, Rate | None] | None = None,
) -> Quote:
    """Return what a plan costs in the worst case, and what it is likely to cost.

    Parameters
    ----------
    rates
        By sku, see :func:`services.facts.cost.rules.skus`, in ``currency``, of machines that stay.
    spot
        The same of machines that may be taken away, where it begins on those; otherwise None.

    Notes
    -----
    The worst case is a bound: every attempt runs to its limit and through its grace. Something without
    a price leaves it unknown and never makes it cheaper. What begins on spot is likely to stay there;
    its worst case, and the upper end of the interval, are those of the dearer terms.
    """
    markets = [rates] if spot is None else [spot, rates]
    worst, unpriced = _dearest(plan, plan.longest, markets, currency)
    span = likely(plan.past_seconds, float(plan.longest))
    amounts: dict[str, Money | None] = {}
    if span is not None:
        for at, chosen in (("likely", markets[:1]), ("lo", markets[:1]), ("hi", markets)):
            seconds = Decimal(repr(getattr(span, at)))
            amounts[at] = _dearest(plan, seconds, chosen, currency)[0]
    skus = rules.skus(plan.allocation)
    used = [rate for each in markets for rate in map(each.get, skus) if rate is not None]
    return Quote(
        currency=currency,
        worst=worst,
        likely=amounts.get("likely"),
        lo=amounts.get("lo"),
        hi=amounts.get("hi"),
        seconds=span.likely if span else None,
        seconds_lo=span.lo if span else None,
        seconds_hi=span.hi if span else None,
        past_runs=len(plan.past_seconds),
        gpu_hours=float(plan.allocation.gpus * plan.longest / 3600),
        kwh=plan.power.watts * float(plan.longest) / 3_600_000 if plan.power else None,
        unpriced=unpriced,
        prices=tuple(rate.price_id for rate in used),
        quoted_at=quoted_at,
        method=_method(span, len(plan.past_seconds)),
        level=LEVEL if span else None,
        kwh_source=plan.power.source if plan.power else "",
        sample_prices=any(rate.sample for rate in used),
        terms="" if spot is None else _terms(plan.on_demand_after),
    )


def _dearest(
    plan: Plan, seconds: Decimal, markets: Sequence[Mapping[str, Rate | None]], currency: str
) -> tuple[Money | None, tuple[str, ...]]:
    """Return what some seconds cost on the dearest terms; unknown where any of them has no price."""
    found = [rules.cost(plan.allocation, seconds, each, currency) for each in markets]
    unpriced = tuple(dict.fromkeys(sku for _, missing in found for sku in missing))
    amounts = [each for each, _ in found if each is not None]
    if unpriced or len(amounts) < len(found):
        return None, unpriced
    return max(amounts, key=lambda each: each.micros), ()


def _terms(after: int) -> str:
    many = "1 interruption" if after == 1 else f"{after} interruptions"
    return f"on spot, on demand after {many}"


def likely(past_seconds: Sequence[float], longest: float) -> Span | None:
    """Return how long the next run is likely to take; None with fewer than three runs.

    Notes
    -----
    Durations are taken as log-normal: the interval is Student's prediction interval for one more run
    on the logarithm, t(n - 1) s sqrt(1 + 1/n) around the mean (Hahn and Meeker 1991, 4.7); the likely
    value is the median. Nothing lasts longer than all attempts together may.
    """
    logs = [math.log(each) for each in past_seconds if each > 0]
    n = len(logs)
    if n < LEAST_RUNS:
        return None
    mean = math.fsum(logs) / n
    spread = math.sqrt(math.fsum((each - mean) ** 2 for each in logs) / (n - 1))
    half = float(special.stdtrit(n - 1, 0.5 + LEVEL / 2)) * spread * math.sqrt(1 + 1 / n)
    lo, middle, hi = (min(longest, math.exp(mean + each)) for each in (-half, 0.0, half))
    return Span(middle, lo, hi)


def _method(span: Span | None, n: int) -> str:
    if span is None:
        return f"{n} past runs are too few for an interval; {LEAST_RUNS} are the least"
    return f"log-normal prediction interval over {n} past runs"


class Approval(Protocol):
    """A row of a policy's ``retraining.approvals``: who must sign from an amount on."""

    @property
    def over(self) -> Money:
        """Return from which worst case on it is asked for."""
        ...


A = TypeVar("A", bound=Approval)


def approval(rows: Sequence[A], worst: Money | None) -> A | None:
    """Return the row that a quote needs: the largest ``over`` that the worst case reaches.

    Returns
    -------
    Approval or None
        Of what has no price, or is in another currency, the strictest row. None where the policy asks
        for nobody's approval.
    """
    ordered = sorted(rows, key=lambda row: row.over.micros)
    if not ordered or worst is None or any(r.over.currency != worst.currency for r in ordered):
        return ordered[-1] if ordered else None
    return next((row for row in reversed(ordered) if row.over.micros <= worst.micros), None)
