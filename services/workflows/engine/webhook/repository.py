"""Rows of attempts elsewhere in, attempts out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.workflows.engine.types import EngineState
from services.workflows.engine.webhook.records import RemoteAttemptRecord, RemoteLogRecord
from services.workflows.engine.webhook.types import RemoteAttempt

R, L = RemoteAttemptRecord, RemoteLogRecord
_FIELDS = tuple(RemoteAttempt.__dataclass_fields__)
_OPEN = (EngineState.PENDING.value, EngineState.RUNNING.value)


def by_id(session: Session, attempt_id: str) -> RemoteAttempt | None:
    """Return an attempt, or None."""
    row = session.get(R, attempt_id)
    if row is None:
        return None
    values: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    values["state"] = EngineState(row.state)
    return RemoteAttempt(**values)


def order(
    session: Session, attempt_id: str, ticket_id: str, engine: str, log_limit: int
) -> RemoteAttempt:
    """Return the attempt, which stands there now if it did not before."""
    known = by_id(session, attempt_id)
    if known is not None:
        return known
    state = EngineState.PENDING.value
    row = R(attempt_id=attempt_id, ticket_id=ticket_id, engine=engine, state=state, log_limit=log_limit)  # fmt: skip
    session.add(row)
    session.flush()
    made = by_id(session, attempt_id)
    assert made is not None  # noqa: S101 - it was written two lines above
    return made


def claim(session: Session, attempt_id: str, now: datetime, before: datetime) -> bool:
    """Take the order for sending, unless it was sent or somebody began since ``before``."""
    free = sa.or_(col(R.claimed_at).is_(None), col(R.claimed_at) < before)
    result: Any = session.execute(
        sa.update(R)
        .where(col(R.attempt_id) == attempt_id, col(R.sent_at).is_(None), free)
        .values(claimed_at=now)
    )
    return result.rowcount == 1


def change(session: Session, attempt_id: str, values: Mapping[str, Any]) -> None:
    """Change an attempt, whatever its state."""
    session.execute(sa.update(R).where(col(R.attempt_id) == attempt_id).values(**values))


def take(session: Session, attempt_id: str, sequence: int, values: Mapping[str, Any]) -> bool:
    """Change an attempt that goes on and has not heard this sequence yet; tell whether it was."""
    result: Any = session.execute(
        sa.update(R)
        .where(
            col(R.attempt_id) == attempt_id,
            col(R.sequence) < sequence,
            col(R.state).in_(_OPEN),
        )
        .values(sequence=sequence, **values)
    )
    return result.rowcount == 1


def add_log(session: Session, attempt_id: str, start: int, piece: bytes) -> None:
    """Keep a piece of a log."""
    session.add(L(attempt_id=attempt_id, start=start, piece=piece))
    session.flush()


def log(session: Session, attempt_id: str, offset: int, limit: int) -> bytes:
    """Return what was printed from a byte on."""
    rows = session.exec(
        select(L)
        .where(col(L.attempt_id) == attempt_id, col(L.start) < offset + limit)
        .order_by(col(L.start))
    )
    text, begin = b"", None
    for row in rows:
        if row.start + len(row.piece) > offset:
            begin = row.start if begin is None else begin
            text += row.piece
    skip = max(0, offset - (begin or 0))
    return text[skip : skip + limit]
