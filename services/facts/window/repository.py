"""Rows of watching in, its nouns out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.evidence.types import MeasurementStatus
from services.facts.window.records import (
    BinningRecord,
    MonitorRecord,
    WindowMetricRecord,
    WindowProfileRecord,
    WindowSeenRecord,
)
from services.facts.window.types import (
    Granularity,
    Monitor,
    Seen,
    StoredBinning,
    StoredProfile,
    Watched,
    WindowMetric,
)
from services.kernel.identity import ModelRef

M, B, P, N, S = (
    MonitorRecord,
    BinningRecord,
    WindowProfileRecord,
    WindowMetricRecord,
    WindowSeenRecord,
)
_NUMBERS = tuple(WindowMetric.__dataclass_fields__)


def add_monitor(session: Session, monitor: Monitor, binnings: Sequence[StoredBinning]) -> None:
    """Store a monitor and its bins."""
    ref = monitor.ref
    session.add(
        M(
            monitor_id=monitor.monitor_id,
            registry_id=ref.registry,
            workspace_id=ref.workspace,
            name=ref.name,
            version=ref.version,
            run_id=ref.run_id,
            source_uri=ref.source_uri,
            granularity=monitor.granularity,
            task=monitor.task,
            columns=[[each.name, each.column, each.kind] for each in monitor.columns],
            threshold=monitor.threshold,
            favourable=None if monitor.favourable is None else {"is": monitor.favourable},
            segments=list(monitor.segments),
            reference_sha256=monitor.reference_sha256,
            reference_rows=monitor.reference_rows,
            made_at=monitor.made_at,
            ended_at=monitor.ended_at,
            note=monitor.note,
        )
    )
    session.flush()
    for each in binnings:
        session.add(
            B(
                monitor_id=monitor.monitor_id,
                feature=each.feature,
                binning=each.binning,
                reference=each.reference,
            )
        )
    session.flush()


def end_monitor(session: Session, monitor_id: str, at: datetime | None) -> None:
    """Note that a monitor's version serves no more; None: that it serves again."""
    session.execute(sa.update(M).where(col(M.monitor_id) == monitor_id).values(ended_at=at))


def monitors(session: Session, name: str | None = None) -> list[Monitor]:
    """Return monitors, newest first, of one model or of all."""
    chosen = select(M) if name is None else select(M).where(col(M.name) == name)
    return [_monitor(row) for row in session.exec(chosen.order_by(col(M.made_at).desc()))]


def monitor(session: Session, monitor_id: str) -> Monitor | None:
    """Return one monitor."""
    row = session.get(M, monitor_id)
    return _monitor(row) if row else None


def binnings(session: Session, monitor_id: str, feature: str | None = None) -> list[StoredBinning]:
    """Return the bins of a monitor, of one feature or of all."""
    chosen = select(B).where(col(B.monitor_id) == monitor_id)
    if feature is not None:
        chosen = chosen.where(col(B.feature) == feature)
    return [StoredBinning(r.feature, r.binning, r.reference) for r in session.exec(chosen)]


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
    rows = [{**here, **{name: getattr(each, name) for name in _NUMBERS}} for each in numbers]
    if rows:
        session.execute(sa.insert(N), rows)


def seen(session: Session, monitor_id: str, granularity: Granularity) -> list[Seen]:
    """Return the windows that were measured, oldest first."""
    chosen = (
        select(S)
        .where(col(S.monitor_id) == monitor_id, col(S.granularity) == granularity)
        .order_by(col(S.start))
    )
    return [
        Seen(r.start, r.end, r.rows, r.labelled, r.stamp, r.measured_at, r.closed)
        for r in session.exec(chosen)
    ]


def last_rows(session: Session, name: str) -> datetime | None:
    """Return until when rows of a model are known, over all its versions."""
    its = sa.select(col(M.monitor_id)).where(col(M.name) == name)
    chosen = sa.select(col(S.end), col(S.measured_at)).where(
        col(S.monitor_id).in_(its), col(S.rows) > 0
    )
    row = session.execute(chosen.order_by(col(S.end).desc()).limit(1)).first()
    return min(row.end, row.measured_at) if row else None


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
    columns: list[Any] = [col(getattr(N, name)) for name in ("monitor_id", *_NUMBERS)]
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
    return [(row.monitor_id, _number(row)) for row in found]


def _number(row: Any) -> WindowMetric:
    values: dict[str, Any] = {name: getattr(row, name) for name in _NUMBERS}
    values["status"] = MeasurementStatus(row.status)
    return WindowMetric(**values)


def _monitor(row: MonitorRecord) -> Monitor:
    return Monitor(
        monitor_id=row.monitor_id,
        ref=ModelRef(
            row.registry_id, row.workspace_id, row.name, row.version, row.run_id, row.source_uri
        ),
        granularity=Granularity(row.granularity),
        task=row.task,
        columns=tuple(Watched(*each) for each in row.columns),
        reference_sha256=row.reference_sha256,
        reference_rows=row.reference_rows,
        made_at=row.made_at,
        threshold=row.threshold,
        favourable=row.favourable["is"] if row.favourable else None,
        segments=tuple(row.segments),
        note=row.note,
        ended_at=row.ended_at,
    )
