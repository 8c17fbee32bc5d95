"""Budgets: what may be spent, how much of it is left, and where the period is likely to end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.figures.burn import Burn
from console.format import instant, share
from console.views.cost.budget_words import (
    ahead_of,
    burn_of,
    facts_of,
    left_of,
    state_of,
    terms_of,
    ticket_words,
    whose_of,
)
from console.views.cost.sight import Sight, sight
from console.views.names import Names
from console.views.names import load as names_of
from console.views.tickets import amount
from services.decisions.retraining.types import Ticket
from services.judgement.spending.types import Standing
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.budget.types import PERCENTS, Budget, Scope, Span

if TYPE_CHECKING:
    from services.bootstrap.services import Services

CURRENCY = "USD"
POLICY = (
    "A policy may limit trainings too, with budget: for one ticket and for a month; both hold, and "
    "the stricter decides."
)


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget.

    Attributes
    ----------
    unknown
        Why more may be spent than is known; empty when all is known.
    left
        How much is left, or by how much it is overdrawn, in words.
    ahead
        What the period is likely to come to, with its ends, or why nobody can tell.
    facts
        What is known beside the sums, by name, not yet escaped.
    past
        How it was set before, newest first: when, by whom, what.
    """

    budget: Budget
    status: str
    word: str
    whose: str
    period: str
    amount: str
    spent: str
    share: str
    left: str
    unknown: str
    ahead: str
    facts: Mapping[str, str]
    burn: Burn
    past: tuple[tuple[str, str, str], ...]
    may_set: bool


@dataclass(frozen=True, slots=True)
class BudgetChoices:
    """What the form offers.

    Attributes
    ----------
    names
        Of models or teams, by what is written into the form; empty where a name is typed.
    """

    scope: str
    names: Mapping[str, str]
    owners: Mapping[str, str]
    owner: str
    channels: tuple[str, ...]
    currency: str
    percents: str


@dataclass(frozen=True, slots=True)
class BudgetsView:
    """What the tab shows; ``choices`` is None for who may set none."""

    rows: tuple[BudgetRow, ...]
    chosen: BudgetRow | None
    choices: BudgetChoices | None


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> BudgetsView:
    """Return the budgets whose costs this person may read, those most used up first."""
    with services.store.reading() as session:
        mine, names = sight(services, principal, session), names_of(services, session)
        held = services.spending.all(session)
        seen = [s for s in held if _sees(mine, s.budget, _ticket(services, session, s.budget))]
        seen.sort(key=lambda each: -each.share)
        rows = tuple(_row(services, session, principal, mine, names, each) for each in seen)
        choices = _choices(services, session, principal, mine, query)
    asked = query.get("budget")
    chosen = next((each for each in rows if each.budget.budget_id == asked), None)
    return BudgetsView(rows, chosen or (rows[0] if rows else None), choices)


def _ticket(services: "Services", session: Session, budget: Budget) -> Ticket | None:
    """Return the ticket that a budget is of; None for what is of something else."""
    return services.tickets.get(session, budget.name) if budget.scope is Scope.TICKET else None


def _sees(mine: Sight, budget: Budget, ticket: Ticket | None) -> bool:
    if ticket is not None:
        return mine.sees(ticket.model)
    if budget.scope is Scope.TEAM:
        return mine.everything or budget.name in mine.teams
    return mine.sees(budget.name)


def _row(
    services: "Services", session: Session, principal: Principal, mine: Sight, names: Names,
    standing: Standing,
) -> BudgetRow:  # fmt: skip
    budget = standing.budget
    status, word = state_of(standing)
    ticket = _ticket(services, session, budget)
    team = budget.name if budget.scope is Scope.TEAM else mine.models.get(budget.name)
    team = ticket.team if ticket is not None else team
    past = services.budgets.history(session, budget.budget_id)[::-1]
    return BudgetRow(
        budget, status, word, whose_of(budget, names, ticket), standing.label, amount(budget.amount),
        amount(standing.spent), share(standing.share), left_of(standing), standing.unknown,
        ahead_of(standing), facts_of(standing, names), burn_of(standing),
        tuple((instant(e.since), names.person(e.set_by), terms_of(e)) for e in past),
        services.budgets.may_set(principal, budget.scope, budget.name, team),
    )  # fmt: skip


def _choices(
    services: "Services", session: Session, principal: Principal, mine: Sight,
    query: Mapping[str, str],
) -> BudgetChoices | None:  # fmt: skip
    if not services.authority.permits(principal, Action.BUDGET_SET):
        return None
    scope = query.get("scope", Scope.MODEL.value)
    scope = scope if scope in set(Scope) else Scope.MODEL.value
    names = {
        Scope.MODEL.value: {name: name for name in sorted(mine.models)},
        Scope.TEAM.value: mine.teams,
        Scope.TICKET.value: {
            each.ticket_id: ticket_words(each)
            for each in services.tickets.open_ones(session)
            if mine.sees(each.model)
        },
    }
    people = {p.person_id: p.name for p in services.accounts.all(session) if p.active}
    return BudgetChoices(
        scope,
        names.get(scope, {}),
        people,
        principal.person_id if principal.person_id in people else "",
        tuple(each.name for each in services.channels.all(session)),
        CURRENCY,
        ", ".join(map(str, PERCENTS)),
    )  # fmt: skip


SPANS = {Span.MONTH.value: "Month", Span.QUARTER.value: "Quarter", Span.YEAR.value: "Year"}
SCOPES = {Scope.MODEL.value: "Model", Scope.TEAM.value: "Team", Scope.EXPERIMENT.value: "Experiment", Scope.TICKET.value: "Ticket"}  # fmt: skip
