"""Home: what waits for me, what happened, what is due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, instant, plural
from console.views import alerts, asked, doubted, models, reviews
from console.views import fleet as fleets
from console.views.calendar import calendar_of
from console.views.event import EventRow, model_of
from console.views.event import row as event_row
from console.views.inbox import InboxRow, inbox_of
from console.views.inventory import ModelRow
from console.views.names import Names
from console.views.reviews import ReviewRow
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services

_MOST, _SEARCHED = 8, 60
_ROUTINE = ("predictions:", "outcomes:", "protected:", "model:mirrored")


@dataclass(frozen=True, slots=True)
class Tile:
    """One count of the attention strip and where it leads."""

    key: str
    icon: str
    count: int
    words: str
    page: str
    query: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DueRow:
    """Something that is due next."""

    due: str
    what: str
    where: str


@dataclass(frozen=True, slots=True)
class HomeView:
    """What the home page shows."""

    sentence: str
    tiles: tuple[Tile, ...]
    inbox: tuple[InboxRow, ...]
    inbox_note: str
    events: tuple[EventRow, ...]
    events_note: str
    due: tuple[DueRow, ...]
    calendar: Callable[[], bytes] | None = None


def load(services: "Services", principal: Principal) -> HomeView:
    """Return what waits for this person, what happened since the last visit, what is due."""
    now = services.clock.now()
    with services.store.reading() as session:
        fleet = fleets.load(services, session, now)
        names, mirrored = fleet.names, fleet.mirrored
        mine = reviews.waiting(services, session, principal, names)
        again = asked.load(services, session, principal)
        raised = alerts.raised(services, session, principal)
        lost = doubted.load(services, session, principal)
        overdue = reviews.overdue(services, session, now)
        seen = [each for each in fleet.listed if models.sees(services, principal, each.governed)]
        rows = [each.row for each in seen]
        since = _last_visit(services, session, principal)
        visible = frozenset(each.governed.name for each in seen)
        events = _events(services, session, principal, names, visible)
    free = sum(bool(m.aliases) for name, m in mirrored.items() if name not in visible)
    inbox = (*inbox_of(mine, again, raised.waiting, rows, principal.name), *lost)
    due = sorted((r for r in rows if r.days_left is not None), key=lambda r: r.days_left or 0)
    return HomeView(
        _sentence(mine, now),
        tiles((len(mine), len(raised.waiting), raised.over), rows, overdue, free),
        inbox,
        plural(len(inbox), "task"),
        events,
        f"your last visit was {ago(since, now)}" if since else "this is your first visit",
        tuple(_due(row) for row in due[:_MOST]),
        (lambda: calendar_of(due, now)) if due else None,
    )


def tiles(
    waiting: tuple[int, int, int], rows: Sequence[ModelRow], overdue: int, free: int
) -> tuple[Tile, ...]:
    """Return the attention strip; each count leads to a filtered list.

    Parameters
    ----------
    waiting
        Signatures, alerts that nobody looks at, budgets that are used up.
    """
    mine, raised, over = waiting
    flagged = {key: sum(key in row.flags for row in rows) for key, _ in models.ATTENTION}
    return (
        Tile("sign", "draw", mine, "wait for my signature", "reviews", ()),
        Tile(
            "alerts", "fail", raised, "alerts that nobody looks at", "alerts",
            (("state", "raised"),),
        ),
        Tile(
            "unapproved", "fail", flagged["unapproved"], "not approved in production", "models",
            (("attention", "unapproved"),),
        ),
        Tile("free", "fail", free, "ungoverned in production", "models", ()),
        Tile(
            "failing", "fail", flagged["failing"], "with a failing clause", "models",
            (("attention", "failing"),),
        ),
        Tile(
            "drifting", "fail", flagged["drifting"], "with drift beyond its limit", "models",
            (("attention", "drifting"),),
        ),
        Tile(
            "stale", "stale", flagged["stale"], "evidence stale in 30 days", "models",
            (("attention", "stale"),),
        ),
        Tile("budget", "fail", over, "budgets used up", "cost", (("tab", "Budgets"),)),
        Tile("overdue", "schedule", overdue, "reviews overdue", "reviews", (("state", "open"),)),
    )  # fmt: skip


def _sentence(mine: Sequence[ReviewRow], now: datetime) -> str:
    wait = plural(len(mine), "decision waits", "decisions wait") if mine else "Nothing waits"
    return f"{wait} for your signature · as of {instant(now)}"


def _due(row: ModelRow) -> DueRow:
    left = row.days_left or 0
    when = f"in {plural(left, 'day')}" if left > 0 else "today" if left == 0 else "overdue"
    return DueRow(when, f"{row.next_duty}, {row.title}", f"policy of tier {row.tier}")


def _last_visit(services: "Services", session: Session, principal: Principal) -> datetime | None:
    others = [
        each.seen_at
        for each in services.sessions.of_person(session, principal.person_id)
        if each.session_id != principal.session_id
    ]
    return max(others, default=None)


def _events(
    services: "Services", session: Session, principal: Principal, names: Names,
    visible: frozenset[str],
) -> tuple[EventRow, ...]:  # fmt: skip
    now = services.clock.now()
    reads_all = services.authority.permits(principal, Action.TRAIL_READ)
    found = services.trail.search(session, besides=_ROUTINE, limit=_SEARCHED)
    told = [
        event
        for event in found
        if model_of(event) in visible
        or (reads_all and not event.action.startswith(("session:", "person:", "role:", "token:")))
    ]
    return tuple(event_row(event, names, now) for event in told[:_MOST])
