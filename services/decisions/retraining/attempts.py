"""Attempt rows in, attempts out."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from services.decisions.retraining.records import AttemptRecord
from services.decisions.retraining.types import Attempt, AttemptState
from services.kernel.identity import new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork

A = AttemptRecord
OPEN = (AttemptState.PENDING, AttemptState.RUNNING, AttemptState.UNKNOWN)
_FIELDS = tuple(each.name for each in fields(Attempt))


def _attempt(row: AttemptRecord) -> Attempt:
    values: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    values["state"] = AttemptState(row.state)
    return Attempt(**values)


def of_tickets(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[Attempt]]:
    """Return the attempts at tickets, by ticket, the first first."""
    chosen = select(A).where(standing(A), col(A.ticket_id).in_(list(ticket_ids)))
    found: dict[str, list[Attempt]] = {each: [] for each in ticket_ids}
    for row in session.exec(chosen.order_by(col(A.number))):
        found[row.ticket_id].append(_attempt(row))
    return found


def by_id(session: Session, attempt_id: str) -> Attempt | None:
    """Return one attempt, or None."""
    row = session.exec(select(A).where(standing(A), col(A.attempt_id) == attempt_id)).first()
    return _attempt(row) if row else None


def over_since(session: Session, since: datetime) -> list[Attempt]:
    """Return the attempts that began and were over at an instant or later, by engine."""
    chosen = select(A).where(
        standing(A), col(A.finished_at) >= since, col(A.started_at).is_not(None)
    )
    return [
        _attempt(row) for row in session.exec(chosen.order_by(col(A.engine), col(A.attempt_id)))
    ]


def unfinished(session: Session, engine: str | None = None) -> list[Attempt]:
    """Return the attempts that are not over, on one engine or on all, oldest first."""
    chosen = select(A).where(standing(A), col(A.state).in_([each.value for each in OPEN]))
    if engine is not None:
        chosen = chosen.where(col(A.engine) == engine)
    return [_attempt(row) for row in session.exec(chosen.order_by(col(A.attempt_id)))]


def write(unit: UnitOfWork, attempt: Attempt, seq: int) -> Attempt:
    """Store how an attempt stands from now on."""
    held = select(A).where(standing(A), col(A.attempt_id) == attempt.attempt_id)
    for row in unit.session.exec(held):
        close(row, unit.now)
    unit.session.flush()
    values: dict[str, Any] = {name: getattr(attempt, name) for name in _FIELDS}
    values |= {"state": attempt.state.value, "usage": dict(attempt.usage)}
    unit.session.add(A(row_id=new_id(), valid_from=unit.now, event_seq=seq, **values))
    unit.session.flush()
    return attempt
