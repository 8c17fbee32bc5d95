"""What a ticket may cost before it costs anything, and whether there is money for it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from scipy import stats

from services.decisions.retraining.quote import Quote
from services.facts.cost import rules
from services.facts.cost.types import Allocation, Spent
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
    """

    allocation: Allocation
    seconds: int
    max_attempts: int
    grace_seconds: float = 10.0
    past_seconds: tuple[float, ...] = ()
    power: Power | None = None

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
    plan: Plan, rates: Mapping[str, Rate | None], currency: str, quoted_at: datetime
) -> Quote:
    """Return what a plan costs in the worst case, and what it is likely to cost.

    Parameters
    ----------
    rates
        By sku, see :func:`services.facts.cost.rules.skus`, in ``currency``.

    Notes
    -----
    The worst case is a bound: every attempt runs to its limit and through its grace. Something without
    a price leaves it unknown and never makes it cheaper.
    """
    worst, unpriced = rules.cost(plan.allocation, plan.longest, rates, currency)
    span = likely(plan.past_seconds, float(plan.longest))
    amounts = {
        at: rules.cost(plan.allocation, Decimal(repr(getattr(span, at))), rates, currency)[0]
        for at in ("likely", "lo", "hi")
        if span is not None
    }
    used = [rate for rate in map(rates.get, rules.skus(plan.allocation)) if rate is not None]
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
    )


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
    half = float(stats.t.ppf(0.5 + LEVEL / 2, n - 1)) * spread * math.sqrt(1 + 1 / n)
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


@dataclass(frozen=True, slots=True)
class Budget:
    """What a month may cost, what it cost already, and what is promised.

    Attributes
    ----------
    month, ticket
        Limits of the policy; None where it sets none.
    spent
        In this month, by the ledger.
    reserved
        Worst cases of the other tickets that are under way, less what they spent; None for each whose
        worst case nobody knows.
    """

    month: Money | None
    ticket: Money | None
    spent: Spent
    reserved: tuple[Money | None, ...] = ()

    @property
    def left(self) -> Money | None:
        """Return what is left of the month, below 0 when it is overdrawn; None when nobody can tell."""
        if self.month is None or not self.spent.is_whole:
            return None
        left = self.month - self.spent.amount
        for each in self.reserved:
            if each is None:
                return None
            left -= each
        return left

    @property
    def unknown(self) -> str:
        """Return why nobody can tell what is left, in one sentence; empty when it can be told."""
        if self.month is None or self.left is not None:
            return ""
        if self.spent.unpriced:
            return f"{self.spent.unpriced} lines of this month's costs have no price."
        if self.spent.elsewhere:
            names = ", ".join(sorted(each.currency for each in self.spent.elsewhere))
            return f"Some of this month's costs are in {names}; publish a rate to {self.month.currency}."
        return "The worst case of another ticket under way is unknown; a price is missing."


def refusal(quoted: Quote, budget: Budget) -> str:
    """Return why there is no money for a ticket, in one sentence; empty when there is.

    Notes
    -----
    Where a limit is set, unknown is no: a worst case without a price cannot be held against it.
    """
    if budget.ticket is None and budget.month is None:
        return ""
    worst = quoted.worst
    if worst is None:
        return f"{', '.join(quoted.unpriced)} has no price; publish one, so that the budget can be held."
    if budget.ticket is not None and worst.micros > budget.ticket.micros:
        return (
            f"The worst case of {worst.decimal} {worst.currency} is above the "
            f"{budget.ticket.decimal} {budget.ticket.currency} that one ticket may cost."
        )
    return _over_month(worst, budget)


def _over_month(worst: Money, budget: Budget) -> str:
    if budget.month is None:
        return ""
    if budget.left is None:
        return budget.unknown
    if worst.micros <= budget.left.micros:
        return ""
    return (
        f"The worst case of {worst.decimal} {worst.currency} is above the {budget.left.decimal} "
        f"{budget.left.currency} left of this month's {budget.month.decimal}."
    )
