"""What happened to one model, newest first."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.views.event import EventRow, row
from console.views.model import ModelHead
from console.views.names import load as names_of
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class ActivityView:
    """The events of a model."""

    rows: tuple[EventRow, ...]


_MOST = 60


def load(services: "Services", principal: Principal, head: ModelHead) -> ActivityView:
    """Return what happened to a model, its versions, reviews, promotions and incidents."""
    del principal  # the head was loaded for this person
    now = services.clock.now()
    subjects = [("model", head.name)]
    for option in head.versions:
        label = f"{head.name}/{option.number}"
        subjects += [("version", label), ("card", label)]
    with services.store.reading() as session:
        names = names_of(services, session)
        reviews = services.reviews.list(session, model=head.name)
        moves = services.promotions.history(session, head.name)
        subjects += [("review", each.review_id) for each in reviews]
        subjects += [("promotion", each.promotion_id) for each in moves]
        wrong = services.incidents.of_model(session, head.name)
        subjects += [("incident", each.incident_id) for each in wrong]
        trained = services.tickets.of_model(session, head.name)
        subjects += [("ticket", each.ticket_id) for each in trained]
        found = services.trail.search(session, subjects=subjects, limit=_MOST)
    return ActivityView(tuple(row(event, names, now) for event in found))
