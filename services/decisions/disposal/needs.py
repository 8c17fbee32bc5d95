"""Reading what needs versions: aliases, reviews, promotions, cards, incidents, and being the newest."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlmodel import Session

from services.decisions.disposal.types import Needed, Place
from services.decisions.incident.reading import IncidentReader
from services.decisions.modelcard.service import Cards
from services.decisions.promotion.history import PromotionHistory
from services.decisions.review.reading import ReviewReader
from services.decisions.review.types import ReviewState
from services.facts.registry.service import Registry
from services.kernel.identity import ModelRef

Need = Iterator[tuple[Place, str]]
WITHOUT_EFFECT = (ReviewState.REJECTED, ReviewState.WITHDRAWN, ReviewState.EXPIRED)


@dataclass(frozen=True)
class Rooms:
    """Where it is asked who needs a version."""

    registry: Registry
    reviews: ReviewReader
    promotions: PromotionHistory
    cards: Cards
    incidents: IncidentReader


def needed(rooms: Rooms, session: Session) -> Needed:
    """Return every version that something needs, with a word for each need, in a few queries."""
    found: dict[Place, list[str]] = defaultdict(list)
    needs = (
        _served(rooms, session), _decided(rooms, session), _told_of(rooms, session),
        _copies(rooms.registry.all_refs(session)),
    )  # fmt: skip
    for place, words in chain(*needs):
        found[place].append(words)
    return Needed({place: tuple(dict.fromkeys(words)) for place, words in found.items()})


def _served(rooms: Rooms, session: Session) -> Need:
    for model in rooms.registry.models(session):
        for alias, version in model.aliases.items():
            yield (model.name, version), f"{alias} points at it"
        if model.latest_version is not None:
            yield (model.name, model.latest_version), "the newest version"


def _decided(rooms: Rooms, session: Session) -> Need:
    for review in rooms.reviews.list(session):
        if review.state not in WITHOUT_EFFECT:
            yield (review.ref.name, review.ref.version), f"a review of it is {review.state.value}"
    for ref in rooms.promotions.ever(session):
        yield (ref.name, ref.version), "it was promoted, and can be rolled back to"


def _told_of(rooms: Rooms, session: Session) -> Need:
    for place in rooms.cards.written(session):
        yield place, "somebody wrote its card"
    for incident in rooms.incidents.list(session):
        if incident.version is not None:
            yield (incident.model, incident.version), "an incident is about it"


def _copies(refs: Sequence[ModelRef]) -> Need:
    """Yield versions whose files another version of another run uses too."""
    by_source: dict[str, list[ModelRef]] = defaultdict(list)
    for ref in refs:
        by_source[ref.source_uri].append(ref)
    for ref in refs:
        users = [*by_source[ref.source_uri], *by_source[f"models:/{ref.name}/{ref.version}"]]
        for other in users:
            if other.run_id != ref.run_id or other.source_uri != ref.source_uri:
                yield (ref.name, ref.version), f"{other.label} uses its files"
