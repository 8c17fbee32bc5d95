"""Rows of windows in, windows out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.evidence.types import MeasurementStatus
from services.facts.window.records import (
    MonitorRecord,
    WindowMetricRecord,
    WindowProfileRecord,
    WindowSeenRecord,
)
from services.facts.window.types import (
    Granularity,
    Seen,
    StoredProfile,
    WindowMetric,
)

M, P, N, S = MonitorRecord, WindowProfileRecord, WindowMetricRecord, WindowSeenRecord
NUMBERS = tuple(WindowMetric.__dataclass_fields__)
_STATUS = NUMBERS.index("status")


def replace_window(
    session: Session,
    monitor_id: str,
    granularity: Granularity,
    seen: Seen,
    profiles: Sequence[StoredProfile],
    numbers: Sequence[WindowMetric],
) -> None:
    """Store all that is known of one window in place of what was."""
    for table in (P, N, S):
        its: Any = table
        session.execute(
            sa.delete(its).where(
                its.monitor_id == monitor_id,
                its.granularity == granularity,
                its.start == seen.start,
            )
        )
    here = {"monitor_id": monitor_id, "granularity": granularity.value}
    values = {name: getattr(seen, name) for name in Seen.__dataclass_fields__}
    session.execute(sa.insert(S), [{**here, **values}])
    rows = [
        {**here, **{name: getattr(each, name) for name in StoredProfile.__dataclass_fields__}}
        for each in profiles
    ]
    if rows:
        session.execute(sa.insert(P), rows)
    rows = [{**here, **{name: getattr(each, name) for name in NUMBERS}} for each in numbers]
    if rows:
        session.execute(sa.insert(N), rows)


def seen(
    session: Session, monitor_id: str, granularity: Granularity, since: datetime | None
) -> list[Seen]:
    """Return the windows that were measured, oldest first."""
    columns: list[Any] = [col(getattr(S, name)) for name in Seen.__dataclass_fields__]
    chosen = sa.select(*columns).where(
        col(S.monitor_id) == monitor_id, col(S.granularity) == granularity
    )
    if since is not None:
        chosen = chosen.where(col(S.start) >= since)
    return [seen_of(row) for row in session.execute(chosen.order_by(col(S.start)))]


def last_rows(session: Session, name: str) -> datetime | None:
    """Return until when rows of a model are known, over all its versions."""
    its = sa.select(col(M.monitor_id)).where(col(M.name) == name)
    chosen = sa.select(col(S.end), col(S.measured_at)).where(
        col(S.monitor_id).in_(its), col(S.rows) > 0
    )
    row = session.execute(chosen.order_by(col(S.end).desc()).limit(1)).first()
    return min(row.end, row.measured_at) if row else None


def add_number(
    session: Session, monitor_id: str, granularity: Granularity, number: WindowMetric
) -> None:
    """Store one number of a window in place of an earlier one of the same name."""
    same = {"metric": number.metric, "feature": number.feature, "segment": number.segment}
    where = {"monitor_id": monitor_id, "granularity": granularity.value, "start": number.start}
    old = [col(getattr(N, name)) == value for name, value in {**where, **same}.items()]
    session.execute(sa.delete(N).where(*old))
    values = {name: getattr(number, name) for name in NUMBERS}
    session.execute(sa.insert(N), [{**where, **values}])


def last_seen(session: Session, monitor_id: str, granularity: Granularity) -> datetime | None:
    """Return when the newest window that was measured begins."""
    newest = select(sa.func.max(col(S.start))).where(
        col(S.monitor_id) == monitor_id, col(S.granularity) == granularity
    )
    return session.exec(newest).one()


def forget(
    session: Session, monitor_ids: Sequence[str], granularity: Granularity, before: datetime
) -> None:
    """Delete the windows of one length that began before an instant, of some monitors.

    Notes
    -----
    Only windows that slide are forgotten, and they hold no profiles.
    """
    for table in (N, S):
        its: Any = table
        old = its.monitor_id.in_(list(monitor_ids)) & (its.granularity == granularity)
        session.execute(sa.delete(its).where(old, its.start < before))


def profiles(
    session: Session,
    monitor_id: str,
    granularity: Granularity,
    *,
    features: Sequence[str] | None,
    since: datetime | None,
    until: datetime | None,
    segment: str,
) -> list[StoredProfile]:
    """Return profiles by window, oldest first."""
    chosen = select(P).where(
        col(P.monitor_id) == monitor_id,
        col(P.granularity) == granularity,
        col(P.segment) == segment,
    )
    if features is not None:
        chosen = chosen.where(col(P.feature).in_(list(features)))
    if since is not None:
        chosen = chosen.where(col(P.start) >= since)
    if until is not None:
        chosen = chosen.where(col(P.start) < until)
    return [
        StoredProfile(r.start, r.feature, r.segment, r.n, r.profile)
        for r in session.exec(chosen.order_by(col(P.start), col(P.feature)))
    ]


def numbers(
    session: Session,
    monitor_ids: Sequence[str],
    granularity: Granularity | None,
    *,
    metrics: Sequence[str] | None = None,
    feature: str | None = None,
    segment: str | None = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[tuple[str, WindowMetric]]:
    """Return numbers with the monitor each is of, oldest window first."""
    columns: list[Any] = [col(getattr(N, name)) for name in ("monitor_id", *NUMBERS)]
    chosen = sa.select(*columns).where(col(N.monitor_id).in_(list(monitor_ids)))
    equal = {"granularity": granularity, "feature": feature, "segment": segment}
    for name, value in equal.items():
        if value is not None:
            chosen = chosen.where(col(getattr(N, name)) == value)
    if metrics is not None:
        chosen = chosen.where(col(N.metric).in_(list(metrics)))
    if since is not None:
        chosen = chosen.where(col(N.start) >= since)
    if until is not None:
        chosen = chosen.where(col(N.start) < until)
    found = session.execute(chosen.order_by(col(N.start), col(N.row_id)))
    return [(name, number_of(values)) for name, *values in found]


def seen_of(row: Any) -> Seen:
    """Return a row as what was seen."""
    return Seen(row.start, row.end, row.rows, row.labelled, row.stamp, row.measured_at, row.closed)


def number_of(values: Sequence[Any]) -> WindowMetric:
    """Return values, in the order of ``NUMBERS``, as a number."""
    told = list(values)
    told[_STATUS] = MeasurementStatus(told[_STATUS])
    return WindowMetric(*told)
