"""What a review of a training decides: why, by which recipe, on which data, at which price."""

from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import count, digest, share
from services.decisions.recipe.rules import difference
from services.decisions.retraining.quote import Quote
from services.decisions.retraining.types import Ticket
from services.kernel.error import NotFound

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.decisions.recipe.types import Recipe

Facts = tuple[tuple[str, str], ...]


def load(services: "Services", session: Session, ticket_id: str) -> Facts:
    """Return what is decided about a ticket, a title and words for each thing."""
    ticket = services.tickets.get(session, ticket_id)
    found = {
        "Why": ticket.cause.words,
        "Better than": ticket.base.label if ticket.base else "There is no version yet.",
        "Recipe": f"{ticket.recipe} version {ticket.recipe_version}, {digest(ticket.recipe_sha256, 1)}",
        "Changed in the recipe": _changed(services, session, ticket),
        "Parameters": ", ".join(f"{name} {value}" for name, value in ticket.parameters.items()),
        "Engine": ticket.engine,
        "Data": _data(ticket),
        "Worst case": _worst(ticket.quote),
        "Likely": _likely(ticket.quote),
        "Must sign": ", ".join(f"{n} {role}" for role, n in ticket.quorum.items()),
    }
    return tuple((title, words) for title, words in found.items() if words)


def consequences(ticket_model: str) -> tuple[str, ...]:
    """Return what happens when the last signature is given, step by step."""
    return (
        "Your signature is recorded with the digest of this page; it can be revoked, not edited.",
        f"When the last one is given, a training of {ticket_model} is queued; nothing in production moves.",
        "What comes of it is compared on the holdout; a better version asks for a review of its own.",
    )


def _changed(services: "Services", session: Session, ticket: Ticket) -> str:
    after = _recipe(services, session, ticket.recipe_sha256)
    if after is None:
        return ""
    base = ticket.base
    came = (
        services.tickets.of_version(session, base.name, base.version, base.run_id) if base else None
    )
    before = _recipe(services, session, came.recipe_sha256) if came else None
    return " ".join(difference(before, after)) or "Nothing: it is the recipe of the version before."


def _recipe(services: "Services", session: Session, sha256: str) -> "Recipe | None":
    try:
        return services.recipes.by_sha256(session, sha256).recipe
    except NotFound:
        return None


def _data(ticket: Ticket) -> str:
    data = ticket.data
    if data is None:
        return ""
    period = ""
    if data.first_at and data.last_at:
        period = f", {data.first_at:%d %B %Y} to {data.last_at:%d %B %Y}"
    return f"{count(data.rows)} rows of {data.columns} columns{period}, {digest(data.sha256, 1)}"


def _worst(quote: Quote | None) -> str:
    if quote is None:
        return ""
    if quote.worst is None:
        return f"Unknown: {', '.join(quote.unpriced)} has no price."
    sample = "; some prices are samples" if quote.sample_prices else ""
    return f"{quote.worst.decimal} {quote.currency}{sample}"


def _likely(quote: Quote | None) -> str:
    if quote is None or quote.likely is None or quote.lo is None or quote.hi is None:
        return "" if quote is None else "Unknown: too few trainings of this recipe ended well."
    held = f", {share(quote.level)} of runs" if quote.level else ""
    return (
        f"{quote.likely.decimal} {quote.currency} ({quote.lo.decimal} to {quote.hi.decimal}{held})"
    )
