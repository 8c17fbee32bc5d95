"""What the pages of tickets do: forms in, commands out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.decisions.retraining.types import TicketForm
from services.kernel.error import InvalidInput
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Opened:
    """A filled form that opens a ticket; ``key`` makes it happen once, no engine is the recipe's.

    Attributes
    ----------
    parameters
        As people write them instead of the recipe's: ``rate=0.2, leaves=31``; empty for the recipe's.
    """

    model: str
    reason: str
    engine: str
    key: str
    dry_run: bool = False
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class Revised:
    """A ticket that was sent back as somebody wants it now; ``parameters`` are those that differ."""

    reason: str
    engine: str
    parameters: tuple[tuple[str, str], ...] = ()


def opened(services: "Services", principal: Principal, form: Opened, made: list[str]) -> str:
    """Open a ticket; its id is added to ``made``."""
    asked = TicketForm(
        form.model, form.reason, form.key, engine=form.engine, dry_run=form.dry_run,
        parameters=pairs(form.parameters),
    )  # fmt: skip
    made.append(services.tickets.open(principal, asked).ticket_id)
    return "The ticket is open; its quote is being made."


def pairs(text: str) -> dict[str, str]:
    """Return what ``rate=0.2, leaves=31`` says.

    Raises
    ------
    InvalidInput
        When a part has no name, or no equals sign.
    """
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, is_there, value = (each.strip() for each in part.partition("="))
        if not is_there or not name:
            raise InvalidInput(f"{part!r} sets nothing; write name=value, with commas between.")
        found[name] = value
    return found


def revise(services: "Services", principal: Principal, ticket_id: str, form: Revised) -> str:
    """Correct a ticket that was sent back and ask for its quote again."""
    services.tickets.revise(
        principal, ticket_id, form.reason, parameters=dict(form.parameters), engine=form.engine
    )
    return "The ticket is revised; its quote is being made."


def cancel(services: "Services", principal: Principal, ticket_id: str, reason: str) -> str:
    """Stop a ticket: at once while nothing trains, else as soon as its checkpoint is written."""
    services.tickets.cancel(principal, ticket_id, reason)
    return "It is stopped."
