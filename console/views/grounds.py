"""What a ticket rests on: its recipe, its data."""

from console.format import NOTHING, count, digest, instant, plural
from console.views.names import Names
from services.decisions.retraining.types import Ticket


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
