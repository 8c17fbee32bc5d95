"""Rows of streams in, their nouns out."""

from dataclasses import asdict
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.workflows.feed.records import FeedRecord
from services.workflows.feed.types import Feed

F = FeedRecord
_FIELDS = tuple(Feed.__dataclass_fields__)


def of(session: Session, model: str) -> Feed | None:
    """Return the stream of a model, or None."""
    row = session.get(F, model)
    return _feed(row) if row else None


def every(session: Session) -> list[Feed]:
    """Return every stream, by model."""
    return [_feed(row) for row in session.exec(select(F).order_by(col(F.model)))]


def begin(session: Session, feed: Feed) -> Feed:
    """Store a stream that begins, and return it; the one there is stays."""
    known = of(session, feed.model)
    if known is None:
        session.add(F(**asdict(feed)))
        session.flush()
    return known or feed


def tell(session: Session, model: str, until: date) -> None:
    """Note that a stream is told until a day; it never goes back."""
    later = sa.or_(col(F.told_until).is_(None), col(F.told_until) < until)
    session.execute(sa.update(F).where(col(F.model) == model, later).values(told_until=until))


def _feed(row: FeedRecord) -> Feed:
    return Feed(**{name: getattr(row, name) for name in _FIELDS})
