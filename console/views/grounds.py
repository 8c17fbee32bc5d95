"""What a ticket rests on: its recipe, the budgets that hold it, its data."""

from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import NOTHING, count, digest, instant, plural
from console.views.names import Names
from console.views.tickets import amount
from services.decisions.retraining.types import Ticket
from services.standards.budget.rules import reaching
from services.standards.budget.types import Budget, Scope

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def facts(each: Ticket, names: Names) -> tuple[tuple[str, str], ...]:
    """Return the ticket in full."""
    base = each.base.label if each.base else "no version yet"
    found = [
        ("To be better than", base),
        ("Recipe", f"{each.recipe} v{each.recipe_version}" if each.recipe else "to be drafted"),
        ("Recipe digest", digest(each.recipe_sha256, 2)),
        ("Engine", each.engine),
        ("For alias", each.alias),
        ("Team", names.team(each.team) or NOTHING),
    ]
    found += [(f"Parameter {name}", str(value)) for name, value in each.parameters.items()]
    if each.run_id:
        found.append(("MLflow run", each.run_id))
    return tuple(found)


def budgets(
    services: "Services", session: Session, each: Ticket, names: Names
) -> tuple[tuple[str, str], ...]:
    """Return what is left of the budgets that a ticket counts against."""
    found = reaching(
        services.budgets.all(session), model=each.model, team=each.team or "",
        experiment=each.model, ticket=each.ticket_id,
    )  # fmt: skip
    lines: list[tuple[str, str]] = []
    for budget in found:
        left = budget.amount - services.spending.spent(session, budget).total
        said = f"{amount(left)} left of {amount(budget.amount)} a {budget.span.value}"
        lines.append((_whose(budget, names), said if budget.stops else f"{said}; it only tells"))
    return tuple(lines)


def _whose(budget: Budget, names: Names) -> str:
    if budget.scope is Scope.TICKET:
        return "Budget of this ticket"
    if budget.scope is Scope.TEAM:
        return f"Budget of team {names.team(budget.name)}"
    return f"Budget of {budget.whose}"


def data(each: Ticket) -> tuple[tuple[str, str], ...]:
    """Return what is known of the rows; nothing before they were read."""
    held = each.data
    if held is None:
        return ()
    period = (
        f"{instant(held.first_at)} to {instant(held.last_at)}"
        if held.first_at
        else "unknown: the rows carry no time"
    )
    return (
        ("Rows", f"{count(held.rows)} of {plural(held.columns, 'column')}"),
        ("Period", period),
        ("From", held.uri),
        ("SHA-256", digest(held.sha256, 2)),
    )
