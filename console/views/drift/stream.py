"""Where the rows of a watched version come from."""

from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import plural
from services.facts.window.types import Monitor

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def note(services: "Services", session: Session, monitor: Monitor) -> str:
    """Return what a person must know of the rows, and how much of a replayed stream is to come."""
    feed = services.feeds.of(session, monitor.ref.name)
    if feed is None:
        return monitor.note
    last = f"{feed.last.day} {feed.last:%b %Y}"
    if feed.days_left:
        left = plural(feed.days_left, "real day")
        return f"{monitor.note} Still held back: {left}, one told each midnight until {last}."
    return f"{monitor.note} All of it was told, up to {last}: no more rows come, and silence is honest."
