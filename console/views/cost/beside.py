"""What a candidate costs, beside the champion that it would replace."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.format import plural, signed
from console.views.cost.standings import standings
from console.views.tickets import amount
from services.facts.cost.standing import CostStanding, at_current_traffic
from services.kernel.money import Money

if TYPE_CHECKING:
    from services.bootstrap.services import Services

NEVER = "unknown: it never served"


@dataclass(frozen=True, slots=True)
class CostRow:
    """One number of both versions; ``change`` is empty where one of them is unknown."""

    what: str
    candidate: str
    champion: str
    change: str


@dataclass(frozen=True, slots=True)
class CostBeside:
    """What the review shows.

    Attributes
    ----------
    notes
        What is not in the numbers, or how they came about.
    """

    rows: tuple[CostRow, ...]
    notes: tuple[str, ...]


def load(services: "Services", model: str, version: int, champion: int | None) -> CostBeside:
    """Return what two versions of a model cost; the review was loaded for whoever asks."""
    with services.store.reading() as session:
        held = standings(services, session, model, services.clock.now())
    one, other = held.get(version), held.get(champion) if champion else None
    if one is None and other is None:
        return CostBeside((), ())
    rows = [
        _row("Training", one and one.training, other and other.training, "unknown: no line of it"),
        _row("1,000 predictions", one and one.per_thousand, other and other.per_thousand, NEVER),
        _row(
            "A month at current traffic",
            one and at_current_traffic(one, other),
            other and other.monthly,
            NEVER,
        ),
    ]
    return CostBeside(tuple(rows), tuple(_notes(one, other)))


def _row(what: str, one: Money | None, other: Money | None, why: str) -> CostRow:
    change = ""
    if one and other and one.currency == other.currency and other.micros > 0:
        change = f"{signed(100 * (one.micros / other.micros - 1), 0)} %"
    return CostRow(what, amount(one) if one else why, amount(other) if other else "unknown", change)


def _notes(one: CostStanding | None, other: CostStanding | None) -> list[str]:
    both = [each for each in (one, other) if each is not None]
    notes: list[str] = []
    if any(each.estimated for each in both):
        notes.append("estimated from hours and prices, not billed")
    if missing := sum(each.unpriced for each in both):
        notes.append(f"{plural(missing, 'line')} without a price not in it")
    if any(each.elsewhere for each in both):
        notes.append("some was paid in other currencies and is not in it")
    return notes
