"""The way of a version, from registered to retired, with date and actor under each step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from console.format import day
from console.views.names import Names
from services.decisions.modelcard.types import Card
from services.decisions.promotion.types import Promotion
from services.facts.registry.types import Version

if TYPE_CHECKING:
    from services.decisions.review.types import Review

Step = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a version's way.

    Attributes
    ----------
    measured_at
        When the oldest standing evidence was filed; None while nothing was.
    applied
        The newest promotion that put this version under an alias, or None.
    champion
        The number that the alias points at now.
    """

    version: Version
    cards: Sequence[Card]
    measured_at: datetime | None
    reviews: Sequence["Review"]
    applied: Promotion | None
    champion: int | None


def steps(known: Facts, names: Names) -> tuple[Step, ...]:
    """Return the steps; the first that is not done is the one that stands now."""
    written = [card for card in known.cards if card.author != "system"]
    asked = known.reviews[-1] if known.reviews else None
    applied = known.applied
    runs = applied is not None and known.champion == known.version.ref.version
    found = (
        ("Registered", known.version.created_at, "MLflow"),
        (
            "Documented", written[0].at if written else None,
            names.person(written[0].author) if written else "",
        ),
        ("Assessed", known.measured_at, "measurement"),
        (
            "Reviewed", asked.requested_at if asked else None,
            names.person(asked.requested_by) if asked else "",
        ),
        ("Approved", applied.authorised_at if applied else None, "signed"),
        ("In production", applied.applied_at if applied and runs else None, "promotion"),
    )  # fmt: skip
    shown: list[Step] = []
    waiting = True
    for name, at, by in found:
        if at is not None:
            shown.append(("done", name, day(at), by))
        else:
            shown.append(("now" if waiting else "later", name, "", ""))
            waiting = False
    return (*shown, ("later", "Retired", "not planned", ""))
