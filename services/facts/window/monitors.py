"""Rows of monitors in, monitors out."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.window.records import BinningRecord, MonitorRecord
from services.facts.window.types import Granularity, Monitor, StoredBinning, Watched
from services.kernel.identity import ModelRef

M, B = MonitorRecord, BinningRecord


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
