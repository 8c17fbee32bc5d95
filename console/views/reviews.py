"""Reviews: what waits for me, and all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, plural, until
from console.views.names import Names
from console.views.names import load as names_of
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.decisions.review.types import Review

STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "draft": ("none", "Draft"),
        "open": ("info", "In review"),
        "changes_requested": ("stale", "Changes requested"),
        "rejected": ("fail", "Rejected"),
        "withdrawn": ("none", "Withdrawn"),
        "expired": ("stale", "Expired"),
        "consumed": ("info", "Approved, used"),
    }
)
_WHAT: Mapping[str, str] = MappingProxyType(
    {
        "promotion": "Promote {} to {}",
        "rollback": "Roll back {} to {}",
        "suspension": "Suspend {} on {}",
        "retrain": "Train {} anew",
    }
)
_URGENT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One review in a list."""

    review_id: str
    what: str
    model: str
    status: str
    word: str
    requested: str
    due: str
    urgent: bool
    signed: str
    mine: bool


@dataclass(frozen=True, slots=True)
class ReviewsView:
    """What the list shows, filtered."""

    sentence: str
    mine: tuple[ReviewRow, ...]
    rows: tuple[ReviewRow, ...]
    states: tuple[str, ...]


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> ReviewsView:
    """Return what waits for this person, and all reviews in a state, newest first."""
    state = query.get("state") if query.get("state") in STATES else None
    with services.store.reading() as session:
        names = names_of(services, session)
        mine = waiting(services, session, principal, names)
        seen = {
            each.name
            for each in services.governance.all(session)
            if services.authority.permits(
                principal, Action.MODEL_READ, model=each.name, team=each.team_id
            )
        }
        found = [r for r in services.reviews.list(session, state=state) if r.ref.name in seen]
        ids = {row.review_id for row in mine}
        rows = tuple(
            row(services, each, names, mine=each.review_id in ids) for each in reversed(found)
        )
    sentence = f"{plural(len(mine), 'review waits', 'reviews wait')} for you · {len(rows)} listed"
    return ReviewsView(sentence, mine, rows, tuple(STATES))


def waiting(
    services: "Services", session: Session, principal: Principal, names: Names
) -> tuple[ReviewRow, ...]:
    """Return the open reviews that this person may sign, the oldest first."""
    found = services.reviews.inbox(session, principal)
    return tuple(row(services, each, names, mine=True) for each in found)


def overdue(services: "Services", session: Session, now: datetime) -> int:
    """Return how many open reviews are past their date."""
    return sum(each.due_at < now for each in services.reviews.list(session, state="open"))


def what(review: "Review") -> str:
    """Return what is decided, in a few words."""
    about = review.ref.label if review.subject_kind == "version" else review.ref.name
    return _WHAT[str(review.purpose)].format(about, review.alias)


def row(services: "Services", review: "Review", names: Names, *, mine: bool) -> ReviewRow:
    """Return a review as a line of a list."""
    now = services.clock.now()
    status, word = STATES[str(review.state)]
    is_open = str(review.state) == "open"
    return ReviewRow(
        review.review_id, what(review), review.ref.name, status, word,
        f"{ago(review.requested_at, now)}, {names.person(review.requested_by)}",
        until(review.due_at, now) if is_open else "–",
        is_open and review.due_at - now < _URGENT, "", mine,
    )  # fmt: skip
