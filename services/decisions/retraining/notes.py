"""Triggers that opened no ticket, and why; operational: what was opened is in the trail."""

from datetime import datetime

from sqlmodel import Session, col, select

from services.decisions.retraining.records import TriggerNoteRecord
from services.decisions.retraining.types import Cause, Held, Trigger

N = TriggerNoteRecord


def hold(session: Session, model: str, cause: Cause, reason: str, now: datetime) -> Held:
    """Note that a trigger opened no ticket, and why; the same cause again counts up."""
    row = session.get(N, cause.key)
    if row is None:
        row = N(
            key=cause.key, model=model, trigger=cause.trigger.value, cause=cause.words,
            reason=reason, first_at=now, last_at=now, times=0,
        )  # fmt: skip
    row.reason, row.last_at, row.times = reason, now, row.times + 1
    session.add(row)
    session.flush()
    return _held(row)


def held(session: Session, model: str | None, limit: int) -> list[Held]:
    """Return the triggers that opened no ticket, the last first."""
    chosen = select(N).order_by(col(N.last_at).desc()).limit(limit)
    if model is not None:
        chosen = chosen.where(col(N.model) == model)
    return [_held(row) for row in session.exec(chosen)]


def _held(row: TriggerNoteRecord) -> Held:
    return Held(
        row.key, row.model, Trigger(row.trigger), row.cause, row.reason, row.first_at, row.last_at,
        row.times,
    )  # fmt: skip
