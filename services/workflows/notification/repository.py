"""Delivery rows in, deliveries out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.standards.channel.types import Message
from services.workflows.notification.records import DeliveryRecord
from services.workflows.notification.types import Delivery, DeliveryState

R = DeliveryRecord
_FIELDS = tuple(Delivery.__dataclass_fields__)
UNFINISHED = (DeliveryState.PENDING, DeliveryState.SENDING)


def message_of(told: Mapping[str, Any]) -> Message:
    """Return a message from what JSON made of it."""
    held = dict(told)
    facts = tuple((str(word), str(what)) for word, what in held.pop("facts"))
    return Message(**held, facts=facts)


def _delivery(row: DeliveryRecord) -> Delivery:
    values: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    values |= {"state": DeliveryState(row.state), "message": message_of(row.message)}
    return Delivery(**values)


def add(session: Session, delivery: Delivery) -> None:
    """Store a delivery, unless it is known."""
    if session.get(R, delivery.delivery_id) is None:
        values: dict[str, Any] = asdict(delivery)
        session.add(R(**values))
        session.flush()


def by_id(session: Session, delivery_id: str) -> Delivery | None:
    """Return a delivery, or None."""
    row = session.get(R, delivery_id)
    return _delivery(row) if row else None


def change(
    session: Session, delivery: Delivery, states: Sequence[DeliveryState], **values: Any
) -> bool:
    """Change a delivery that is in one of some states; tell whether it was."""
    changed: Any = session.execute(
        sa.update(R)
        .where(col(R.delivery_id) == delivery.delivery_id, col(R.state).in_(list(states)))
        .values(**values)
    )
    return changed.rowcount == 1


def before(session: Session, delivery: Delivery) -> bool:
    """Tell whether an earlier message about the same trouble is still on its way."""
    found = session.exec(
        select(R.delivery_id)
        .where(col(R.channel) == delivery.channel, col(R.dedup_key) == delivery.dedup_key)
        .where(col(R.delivery_id) < delivery.delivery_id, col(R.state).in_(list(UNFINISHED)))
        .limit(1)
    )
    return found.first() is not None


def due(session: Session, now: datetime) -> list[Delivery]:
    """Return what is to be tried again by now, oldest first."""
    chosen = (
        select(R)
        .where(col(R.state) == DeliveryState.PENDING, col(R.next_at) <= now)
        .order_by(col(R.delivery_id))
    )
    return [_delivery(row) for row in session.exec(chosen)]


def newest(session: Session, *where: Any, limit: int) -> list[Delivery]:
    """Return deliveries, newest first."""
    chosen = select(R).where(*where).order_by(col(R.delivery_id).desc()).limit(limit)
    return [_delivery(row) for row in session.exec(chosen)]


def of_subject(session: Session, kind: str, subject_id: str, limit: int) -> list[Delivery]:
    """Return the deliveries about one thing, newest first."""
    about = (col(R.subject_kind) == kind, col(R.subject_id) == subject_id)
    return newest(session, *about, limit=limit)


def last_of_each(session: Session) -> dict[str, Delivery]:
    """Return the newest delivery of each channel."""
    last = select(sa.func.max(col(R.delivery_id))).group_by(col(R.channel))
    rows = session.exec(select(R).where(col(R.delivery_id).in_(last)))
    return {row.channel: _delivery(row) for row in rows}


def forget(session: Session, before: datetime) -> int:
    """Delete deliveries that were begun before an instant and are over; return how many."""
    over = col(R.state).not_in(list(UNFINISHED))
    result: Any = session.execute(sa.delete(R).where(col(R.created_at) < before, over))
    return int(result.rowcount)
