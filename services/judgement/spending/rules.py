"""Which thresholds of a budget are crossed: pure functions."""

from collections.abc import Iterator

from services.facts.cost.forecast import LEAST_DAYS, Forecast
from services.judgement.spending.types import Crossing, Standing
from services.kernel.money import Money

WHOLE = 100
TOO_FEW = f"Fewer than {LEAST_DAYS} days with costs are known; a forecast needs two whole weeks."


def crossings(standing: Standing) -> tuple[Crossing, ...]:
    """Return the thresholds that are crossed, the lowest first.

    Notes
    -----
    What is spent crosses a threshold when it reaches it; what has no price can only add to it. What is
    likely crosses when the middle of the forecast is above the amount.
    """
    return (*_spent(standing), *_foretold(standing))


def _spent(standing: Standing) -> Iterator[Crossing]:
    amount, spent = standing.budget.amount.micros, standing.spent.micros
    for percent in standing.budget.percents:
        if spent * WHOLE >= amount * percent:
            yield Crossing(percent, foretold=False, share=standing.share)


def _foretold(standing: Standing) -> Iterator[Crossing]:
    ahead, amount = standing.forecast, standing.budget.amount.micros
    if ahead is None or not standing.budget.forecast:
        return
    if ahead.likely.micros > amount:
        yield Crossing(WHOLE, foretold=True, share=ahead.likely.micros / amount)


def at_least(found: Forecast, spent: int) -> Forecast:
    """Return a forecast that is nowhere below what is spent already."""
    by_day = tuple(
        (max(spent, likely), max(spent, lo), max(spent, hi)) for likely, lo, hi in found.by_day
    )
    if not by_day:
        return found
    likely, lo, hi = (Money(found.likely.currency, each) for each in by_day[-1])
    return Forecast(likely, lo, hi, by_day, found.days, found.level)
