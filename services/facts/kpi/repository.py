"""Rows of what was sent in, numbers out."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from services.facts.kpi.records import PushedValueRecord
from services.facts.kpi.types import PushedValue

R = PushedValueRecord


def write(session: Session, values: Sequence[PushedValue], now: datetime, sent_by: str) -> None:
    """Store numbers in place of those about the same instant."""
    for each in values:
        session.merge(
            R(
                model=each.model,
                metric=each.metric,
                feature=each.feature,
                at=each.at,
                value=each.value,
                received_at=now,
                sent_by=sent_by,
            )
        )
    session.flush()


def within(session: Session, model: str, start: datetime, end: datetime) -> list[PushedValue]:
    """Return the numbers about a model and a window, oldest first."""
    chosen = select(R).where(col(R.model) == model, col(R.at) >= start, col(R.at) < end)
    rows = session.exec(chosen.order_by(col(R.at), col(R.metric), col(R.feature)))
    return [PushedValue(r.model, r.metric, r.feature, r.at, r.value) for r in rows]


def received(session: Session, model: str) -> list[tuple[datetime, datetime]]:
    """Return about which instant each number of a model is, and when it came."""
    chosen = select(R.at, R.received_at).where(col(R.model) == model)
    return [(at, came) for at, came in session.exec(chosen)]
