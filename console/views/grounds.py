"""What a ticket rests on: its recipe and how that changed, its data."""

from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import NOTHING, count, digest, instant, plural
from console.views.names import Names
from services.decisions.recipe.rules import difference
from services.decisions.retraining.types import Ticket

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


def changes(services: "Services", session: Session, each: Ticket) -> tuple[str, ...]:
    """Return how the recipe differs from that of the version to be replaced, one sentence each."""
    if not each.recipe_sha256:
        return ()
    before = None
    if each.base is not None:
        base = each.base
        made_by = services.tickets.of_version(session, base.name, base.version, base.run_id)
        if made_by is not None and made_by.recipe_sha256:
            before = services.recipes.by_sha256(session, made_by.recipe_sha256).recipe
    return difference(before, services.recipes.by_sha256(session, each.recipe_sha256).recipe)


def data(each: Ticket) -> tuple[tuple[str, str], ...]:
    """Return what is known of the rows; nothing before they were read."""
    held = each.data
    if held is None:
        return ()
    period = (
        f"{instant(held.first_at)} to {instant(held.last_at)}" if held.first_at else "no instants"
    )
    return (
        ("Rows", f"{count(held.rows)} of {plural(held.columns, 'column')}"),
        ("Period", period),
        ("From", held.uri),
        ("SHA-256", digest(held.sha256, 2)),
    )
