"""A ticket that was sent back: what is asked to be changed, and what a person may change."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from services.decisions.recipe.rules import told
from services.decisions.retraining.types import Ticket
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.engine.types import LOCAL

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the recipe in force.

    Attributes
    ----------
    value
        As the ticket had it, or the recipe's where the ticket had none.
    usual
        The recipe's.
    """

    name: str
    value: str
    usual: str


@dataclass(frozen=True, slots=True)
class ReturnedView:
    """What stands in the form that revises a ticket.

    Attributes
    ----------
    wish
        What whoever sent it back asks to be changed.
    recipe
        In force; with ``newer`` it is another version than the ticket was quoted for.
    engines
        The ticket's first.
    """

    wish: str
    recipe: str
    newer: bool
    parameters: tuple[Parameter, ...]
    engines: tuple[str, ...]
    may_revise: bool


def load(
    services: "Services", session: Session, principal: Principal, each: Ticket, team: str | None
) -> ReturnedView | None:
    """Return what may be revised; None for a ticket that was not sent back."""
    if not each.was_returned:
        return None
    found = services.recipes.current(session, each.model, each.recipe)
    usual = dict(found.recipe.parameters) if found else {}
    enabled = (e.name for e in services.engine_settings.all(session) if e.enabled)
    others = [name for name in (LOCAL, *enabled) if name != each.engine]
    return ReturnedView(
        each.state_reason,
        f"{found.recipe.name} v{found.recipe.version}" if found else "",
        found is not None and found.recipe.sha256 != each.recipe_sha256,
        tuple(
            Parameter(name, told(each.parameters.get(name, value)), told(value))
            for name, value in usual.items()
        ),
        (each.engine, *others),
        each.opened_by == principal.person_id
        or services.authority.permits(principal, Action.TICKET_OPEN, model=each.model, team=team),
    )
