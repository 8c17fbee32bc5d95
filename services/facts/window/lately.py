"""What monitors last showed, of many at once."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.window.repository import NUMBERS, M, N, S, number_of, seen_of
from services.facts.window.types import Seen, WindowMetric

_OWN = (col(M.monitor_id) == col(S.monitor_id)) & (col(M.granularity) == col(S.granularity))


def last(session: Session, monitor_ids: Sequence[str]) -> dict[str, Seen]:
    """Return the newest window with rows of each monitor, in its own rhythm."""
    newest = _newest(monitor_ids, col(S.rows) > 0).subquery()
    rows = session.exec(select(S).join(newest, _same_window(S, newest.c)))
    return {r.monitor_id: seen_of(r) for r in rows}


def totals(session: Session, monitor_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return rows, and rows whose outcome is known, of all windows of each monitor together."""
    summed = (
        sa.select(col(S.monitor_id), sa.func.sum(col(S.rows)), sa.func.sum(col(S.labelled)))
        .join(M, _OWN)
        .where(col(S.monitor_id).in_(list(monitor_ids)))
        .group_by(col(S.monitor_id))
    )
    return {name: (int(rows), int(known)) for name, rows, known in session.execute(summed)}


def numbers(
    session: Session, monitor_ids: Sequence[str], metrics: Sequence[str]
) -> list[tuple[str, WindowMetric]]:
    """Return numbers of each monitor's newest closed window, and of its newest with outcomes.

    Notes
    -----
    Of all rows together, in one query; outcomes arrive later than what they are the outcome of.
    """
    closed = col(S.closed).is_(True) & (col(S.rows) > 0)
    found = sa.union(
        _newest(monitor_ids, closed), _newest(monitor_ids, closed & (col(S.labelled) > 0))
    ).subquery()
    columns: list[Any] = [col(getattr(N, name)) for name in ("monitor_id", *NUMBERS)]
    chosen = (
        sa.select(*columns)
        .join(found, _same_window(N, found.c))
        .where(col(N.segment) == "", col(N.metric).in_(list(metrics)))
        .order_by(col(N.start), col(N.row_id))
    )
    return [(name, number_of(values)) for name, *values in session.execute(chosen)]


def _newest(monitor_ids: Sequence[str], condition: Any) -> Any:
    """Return the newest window of each monitor by looking from its end, not through all there are."""
    newest = (
        sa.select(col(S.start))
        .where(_OWN, condition)
        .order_by(col(S.start).desc())
        .limit(1)
        .correlate(M)
        .scalar_subquery()
    )
    return sa.select(col(M.monitor_id), col(M.granularity), newest.label("start")).where(
        col(M.monitor_id).in_(list(monitor_ids))
    )


def _same_window(table: Any, found: Any) -> Any:
    return (
        (table.monitor_id == found.monitor_id)
        & (table.granularity == found.granularity)
        & (table.start == found.start)
    )
