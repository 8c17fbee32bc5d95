"""What running attempts say, in the database: rows in, values out."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.kernel.text import keepable
from services.workflows.retraining.records import AttemptLogRecord, AttemptWatchRecord
from services.workflows.retraining.seen import LogPart, Seen

LOG_KEPT = 512 * 1024
L, W = AttemptLogRecord, AttemptWatchRecord
_FIELDS = tuple(Seen.__dataclass_fields__)


def seen(session: Session, attempt_id: str) -> Seen | None:
    """Return what an attempt said last, or None when nobody listened yet."""
    row = session.get(W, attempt_id)
    return _seen(row) if row else None


def seen_of_ticket(session: Session, ticket_id: str) -> list[Seen]:
    """Return what the attempts at a ticket said last."""
    return [_seen(row) for row in session.exec(select(W).where(col(W.ticket_id) == ticket_id))]


def write_seen(session: Session, values: Seen) -> None:
    """Store what an attempt said last."""
    held: dict[str, Any] = {name: getattr(values, name) for name in _FIELDS}
    held["metrics"], held["usage"] = dict(values.metrics), dict(values.usage)
    row = session.get(W, values.attempt_id)
    if row is None:
        session.add(W(**held))
        return
    for name, value in held.items():
        setattr(row, name, value)
    session.add(row)


def log_end(session: Session, attempt_id: str) -> int:
    """Return the byte after the last one that is kept."""
    found = session.execute(
        sa.select(sa.func.max(col(L.ends))).where(col(L.attempt_id) == attempt_id)
    ).scalar_one()
    return int(found or 0)


def write_log(session: Session, attempt_id: str, begins: int, data: bytes, at: datetime) -> None:
    """Keep a piece of a log; what is older than half a mebibyte before its end is dropped.

    Notes
    -----
    What is there already, because somebody else heard it first, is not written again.
    """
    known = log_end(session, attempt_id)
    if begins < known:
        data, begins = data[known - begins :], known
    if not data:
        return
    ends = begins + len(data)
    text = keepable(data.decode("utf-8", "replace"))
    session.add(L(attempt_id=attempt_id, begins=begins, ends=ends, text=text, at=at))
    session.execute(
        sa.delete(L).where(col(L.attempt_id) == attempt_id, col(L.ends) < ends - LOG_KEPT)
    )


def log_part(session: Session, attempt_id: str, offset: int, limit: int) -> LogPart:
    """Return what was printed from a byte on, as far as it is kept, and where to go on."""
    chosen = (
        select(L)
        .where(col(L.attempt_id) == attempt_id, col(L.begins) >= offset)
        .order_by(col(L.begins))
    )
    text, ends, begins = "", offset, None
    for row in session.exec(chosen):
        if text and len(text) + len(row.text) > limit:
            break
        begins = row.begins if begins is None else begins
        text, ends = text + row.text, row.ends
    return LogPart(text, offset if begins is None else begins, ends)


def forget(session: Session, attempt_id: str) -> None:
    """Drop the pieces of a log that is archived whole."""
    session.execute(sa.delete(L).where(col(L.attempt_id) == attempt_id))


def _seen(row: AttemptWatchRecord) -> Seen:
    return Seen(**{name: getattr(row, name) for name in _FIELDS})
