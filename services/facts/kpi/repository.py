"""Rows of what was sent in, numbers out."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
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


def received(session: Session, model: str) -> list[tuple[date, int, datetime]]:
    """Return of each day in UTC how many numbers about it are known, and when the last one came."""
    at: Any = col(R.at)
    if session.get_bind().dialect.name == "postgresql":
        at = sa.func.timezone("UTC", at)
    day = sa.func.date(at)
    told = sa.select(day, sa.func.count(), sa.func.max(col(R.received_at)))
    found = session.execute(told.where(col(R.model) == model).group_by(day))
    return [(date.fromisoformat(str(on)), n, came) for on, n, came in found]


def models(session: Session) -> list[str]:
    """Return the models about which numbers are kept, by name."""
    return list(session.exec(select(R.model).distinct().order_by(col(R.model))))


def forget(session: Session, model: str, before: datetime) -> int:
    """Delete the numbers of a model about instants before one; return how many."""
    result: Any = session.execute(sa.delete(R).where(col(R.model) == model, col(R.at) < before))
    return int(result.rowcount)
