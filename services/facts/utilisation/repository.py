"""Rows of how busy runs were in, their nouns out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.utilisation.records import RunUseRecord
from services.facts.utilisation.types import Audited, Finding, RunFacts, RunUse, Source
from services.kernel.period import Period

R = RunUseRecord
NUMBERS = ("starved_share", "busy", "busy_p50", "busy_p95", "memory_peak", "memory_gb", "cpu", "kwh")  # fmt: skip
FACTS = ("run_id", "model", "experiment_id", "name", "status", "started_at", "ended_at",
         "declared_gpus", "gpu_type", "ticket_id")  # fmt: skip
PLAIN = ("until", "gpus", "gpu_hours", "known_hours", "idle_hours")


def write(session: Session, uses: Sequence[tuple[RunUse, bool]], now: datetime) -> None:
    """Store how busy runs were, in place of what was known of them; with whether that is final."""
    for use, settled in uses:
        values: dict[str, Any] = {name: getattr(use.facts, name) for name in FACTS}
        values |= {name: getattr(use, name) for name in PLAIN}
        session.merge(
            R(
                **values,
                source=use.source.value,
                numbers={name: getattr(use, name) for name in NUMBERS}
                | {"checkpoint_hours": use.facts.checkpoint_hours},
                findings=[each.value for each in use.findings],
                smaller=list(use.smaller),
                settled=settled,
                seen_at=now,
            )
        )
    session.flush()


def settled(session: Session, run_ids: Sequence[str]) -> dict[str, tuple[bool, datetime]]:
    """Return of the runs that are known whether that is final, and when they were seen."""
    chosen = sa.select(col(R.run_id), col(R.settled), col(R.seen_at))
    rows = session.execute(chosen.where(col(R.run_id).in_(list(run_ids)))).all()
    return {run_id: (bool(final), at) for run_id, final, at in rows}


def newest(session: Session, now: datetime) -> datetime | None:
    """Return when the last known run ended, of those that did before an instant; None without any."""
    asked = sa.select(sa.func.max(col(R.ended_at))).where(col(R.ended_at) <= now)
    return session.execute(asked).scalar()


def unsettled(session: Session) -> list[str]:
    """Return the runs that are to be looked at again, the one seen longest ago first."""
    return list(
        session.exec(
            select(col(R.run_id)).where(col(R.settled).is_(False)).order_by(col(R.seen_at))
        )
    )


def listed(
    session: Session,
    period: Period,
    *,
    models: Sequence[str] | None = None,
    finding: Finding | None = None,
    limit: int = 100,
) -> list[RunUse]:
    """Return runs that held GPUs, or may have, by idle GPU hours, most first; unknown ones last.

    Parameters
    ----------
    models
        Of these alone; None for all.
    """
    chosen = select(R).where(*_where(period, models))
    if finding is not None:
        chosen = chosen.where(sa.cast(col(R.findings), sa.Text).like(f'%"{finding.value}"%'))
    ordered = chosen.order_by(
        sa.func.coalesce(col(R.idle_hours), -1.0).desc(),
        sa.func.coalesce(col(R.gpu_hours), -1.0).desc(),
        col(R.until).desc(),
    )
    return [_use(row) for row in session.exec(ordered.limit(limit))]


def by_id(session: Session, run_id: str) -> RunUse | None:
    """Return how busy one run was; None where nobody looked."""
    row = session.get(R, run_id)
    return _use(row) if row else None


def audited(session: Session, period: Period, models: Sequence[str] | None = None) -> Audited:
    """Return what all runs of a period come to."""
    is_known = col(R.known_hours) > 0
    asked = sa.select(
        sa.func.count(),
        sa.func.sum(sa.case((is_known, 1), else_=0)),
        sa.func.sum(sa.case((sa.and_(~is_known, col(R.gpus) > 0), 1), else_=0)),
        sa.func.sum(col(R.gpu_hours)),
        sa.func.sum(col(R.known_hours)),
        sa.func.sum(col(R.idle_hours)),
    ).where(*_where(period, models))
    runs, known, blind, held, seen, idle = session.execute(asked).one()
    return Audited(
        int(runs), int(known or 0), int(blind or 0), float(held or 0), float(seen or 0),
        float(idle or 0),
    )  # fmt: skip


def _where(period: Period, models: Sequence[str] | None) -> list[sa.ColumnElement[bool]]:
    held = [col(R.until) >= period.start, col(R.started_at) < period.end]
    return held if models is None else [*held, col(R.model).in_(list(models))]


def _use(row: RunUseRecord) -> RunUse:
    facts: dict[str, Any] = {name: getattr(row, name) for name in FACTS}
    facts["checkpoint_hours"] = row.numbers.get("checkpoint_hours")
    values: dict[str, Any] = {name: getattr(row, name) for name in PLAIN}
    values |= {name: row.numbers.get(name) for name in NUMBERS}
    return RunUse(
        facts=RunFacts(**facts),
        source=Source(row.source),
        **values,
        findings=tuple(Finding(each) for each in row.findings),
        smaller=tuple(row.smaller),
    )
