"""What the tab Budgets does: set a budget, set one anew, end one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.views.tickets import amount
from services.kernel.error import InvalidInput
from services.kernel.money import Money
from services.people.account.types import Principal
from services.standards.budget.rules import percents_of
from services.standards.budget.types import BudgetForm, Scope, Span

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class BudgetTyped:
    """A filled form."""

    scope: str
    name: str
    span: str
    amount: str
    currency: str
    percents: str
    forecast: bool
    stops: bool
    owner_id: str
    channels: tuple[str, ...]


def set_budget(services: "Services", principal: Principal, typed: BudgetTyped) -> str:
    """Set a budget; return the word of thanks."""
    form = form_of(typed)
    budget = services.budgets.set(principal, form, team_of(services, form.scope, form.name))
    return f"The budget of {budget.whose} is set: {amount(budget.amount)} a {budget.span.value}."


def end_budget(services: "Services", principal: Principal, budget_id: str) -> str:
    """End a budget; return the word of thanks."""
    with services.store.reading() as session:
        known = services.budgets.require(session, budget_id)
    services.budgets.end(principal, budget_id, team_of(services, known.scope, known.name))
    return f"The budget of {known.whose} is ended; what was spent stays in the ledger."


def form_of(typed: BudgetTyped) -> BudgetForm:
    """Return what was typed as a form of a budget.

    Raises
    ------
    InvalidInput
        When a part of it cannot be used.
    """
    if typed.scope not in set(Scope) or typed.span not in set(Span):
        raise InvalidInput("Choose whose budget it is, and for how long it is to last.")
    if not typed.amount.strip():
        raise InvalidInput("Write how much may be spent, as 200.00.")
    if not typed.owner_id:
        raise InvalidInput("Choose who answers for it.")
    return BudgetForm(
        Scope(typed.scope),
        typed.name,
        Span(typed.span),
        Money.parse(typed.amount, typed.currency.strip().upper()),
        typed.owner_id,
        percents_of(typed.percents),
        typed.forecast,
        typed.stops,
        typed.channels,
    )


def team_of(services: "Services", scope: Scope, name: str) -> str | None:
    """Return the team that a right is asked about.

    Raises
    ------
    InvalidInput
        For a model that nobody governs, or a team that there is not.
    NotFound
        For a ticket that there is not.
    """
    with services.store.reading() as session:
        if scope is Scope.MODEL:
            model = services.governance.of(session, name)
            if model is None:
                raise InvalidInput(
                    f"Nobody governs a model {name!r}; put it under governance first."
                )
            return model.team_id
        if scope is Scope.TICKET:
            return services.tickets.get(session, name).team
        if scope is Scope.TEAM and services.teams.by_id(session, name) is None:
            raise InvalidInput(f"There is no team {name!r}.")
    return name if scope is Scope.TEAM else None
