"""Whether there is money for a ticket."""

from dataclasses import dataclass

from services.decisions.retraining.quote import Quote
from services.facts.cost.types import Spent
from services.kernel.money import Money


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
