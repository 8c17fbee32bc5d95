"""What a model cost in the last 30 days, as a cell of the inventory."""

from dataclasses import dataclass

from console.format import plural, share
from console.views.tickets import amount
from services.facts.cost.spending import ModelSpend

DAYS = 30


@dataclass(frozen=True, slots=True)
class LatelyCost:
    """The cost of 30 days.

    Attributes
    ----------
    words
        As a cell shows it: the amount, how it moved, what has no price; empty without any line.
    decimal, currency
        Of the currency with most; empty where nothing has a price.
    before
        Of the 30 days before, in the same currency.
    """

    words: str = ""
    decimal: str = ""
    currency: str = ""
    before: str = ""
    unpriced: int = 0


NO_COST = LatelyCost()


def lately(spend: ModelSpend) -> LatelyCost:
    """Return what a model cost; currencies are not added, and what has no price is never nothing."""
    missing = f"{plural(spend.unpriced, 'line')} unpriced" if spend.unpriced else ""
    if not spend.spent:
        return LatelyCost(missing, unpriced=spend.unpriced)
    first = spend.spent[0]
    told = amount(first.amount)
    if first.before.micros > 0:
        more = first.amount.micros / first.before.micros - 1
        told += f" {'↑' if more > 0 else '↓'} {share(abs(more))}" if abs(more) >= 0.005 else " →"
    others = [amount(each.amount) for each in spend.spent[1:] if each.amount.micros]
    return LatelyCost(
        "; ".join([told, *others, *([missing] if missing else [])]),
        first.amount.decimal, first.amount.currency, first.before.decimal, spend.unpriced,
    )  # fmt: skip
