"""What the budgets of a model, its team and its experiment leave for a ticket."""

from collections.abc import Iterator

from sqlmodel import Session

from services.decisions.retraining.service import Tickets
from services.decisions.retraining.types import Quote, Ticket, TicketState
from services.facts.cost.service import Ledger
from services.judgement.spending.service import Spending
from services.kernel.clock import Clock
from services.kernel.money import Money
from services.standards.budget.rules import label_of, period_of, reaching
from services.standards.budget.service import Budgets
from services.standards.budget.types import Budget
from services.standards.price.service import Prices
from services.workflows.retraining import repository
from services.workflows.retraining.guarding import Cap


class Allowances:
    """Refuses a ticket for which a budget has nothing left, and caps one that runs.

    Notes
    -----
    Budgets that only tell are left out. The policy's own limits hold beside: the stricter decides.
    """

    def __init__(
        self, clock: Clock, budgets: Budgets, spending: Spending, prices: Prices, ledger: Ledger,
        tickets: Tickets,
    ) -> None:  # fmt: skip
        self._clock, self._budgets, self._spending = clock, budgets, spending
        self._prices, self._ledger, self._tickets = prices, ledger, tickets

    def refusal(self, session: Session, ticket: Ticket, quoted: Quote) -> str:
        """Return why no budget lets a ticket begin, in one sentence; empty when each does.

        Notes
        -----
        What cannot be held against a budget while it runs is not begun: without a price, or without a
        rate between the two currencies, nobody would see that it is used up.
        """
        for budget in self._stopping(session, ticket):
            if quoted.worst is None:
                return (
                    f"{', '.join(quoted.unpriced)} has no price; publish one, so that the budget of "
                    f"{budget.whose} can be held."
                )
            cap = self._cap(session, ticket, budget, quoted.currency)
            if cap is None:
                return (
                    f"The budget of {budget.whose} is in {budget.amount.currency}; publish a rate to "
                    f"{quoted.currency}, so that it can be held."
                )
            if cap.spent.micros >= cap.limit.micros:
                return (
                    f"The budget of {cap.name}, {_said(budget.amount)}, is used up; raise it first."
                )
        return ""

    def caps(self, session: Session, ticket: Ticket, currency: str) -> tuple[Cap, ...]:
        """Return what a ticket may use of each budget while it runs, in the currency of its quote."""
        found = (
            self._cap(session, ticket, budget, currency)
            for budget in self._stopping(session, ticket)
        )
        return tuple(each for each in found if each is not None)

    def _stopping(self, session: Session, ticket: Ticket) -> Iterator[Budget]:
        for budget in _reaching(self._budgets.all(session), ticket):
            if budget.stops:
                yield budget

    def _cap(self, session: Session, ticket: Ticket, budget: Budget, currency: str) -> Cap | None:
        """Return what others used of a budget; None where no rate leads to a currency."""
        now, held = self._clock.now(), budget.amount.currency
        period = period_of(budget.span, now)
        spent = self._spending.spent(session, budget).total
        mine = self._ledger.spent(session, held, period, ticket_id=ticket.ticket_id).amount
        limit = self._prices.convert(session, budget.amount, currency, now)
        others = self._prices.convert(session, spent - mine, currency, now)
        if limit is None or others is None:
            return None
        for each in self._running(session, ticket, budget):
            told = self._prices.convert(session, each, currency, now)
            others = others + told if told is not None else others
        return Cap(f"{budget.whose} in {label_of(budget.span, now)}", limit, others)

    def _running(self, session: Session, ticket: Ticket, budget: Budget) -> Iterator[Money]:
        """Yield what other tickets that run used of a budget and nobody was charged for yet."""
        for each in self._tickets.in_states(session, TicketState.RUNNING):
            if each.ticket_id == ticket.ticket_id or not _reaching([budget], each):
                continue
            seen = repository.seen_of_ticket(session, each.ticket_id)
            accrued = max((s.spent_micros or 0 for s in seen), default=0)
            charged = each.spent.micros if each.spent else 0
            if seen and seen[-1].currency and accrued > charged:
                yield Money(seen[-1].currency, accrued - charged)


def _reaching(budgets: list[Budget], ticket: Ticket) -> list[Budget]:
    """Return the budgets that a ticket counts against; its runs stand in the experiment of its model."""
    return reaching(
        budgets, model=ticket.model, team=ticket.team or "", experiment=ticket.model,
        ticket=ticket.ticket_id,
    )  # fmt: skip


def _said(amount: Money) -> str:
    return f"{amount.decimal} {amount.currency}"
