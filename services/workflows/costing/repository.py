"""Rows of what was looked at for its cost in, their nouns out."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.workflows.costing.records import CostDaySeenRecord, CostRunRecord
from services.workflows.costing.types import CostedRun, RunState

D, R = CostDaySeenRecord, CostRunRecord
PART = 500


def newest(session: Session) -> datetime | None:
    """Return when the run that ended last did so; None before the first."""
    return session.exec(select(sa.func.max(col(R.ended_at)))).first()


def known(session: Session, run_ids: Sequence[str]) -> dict[str, CostedRun]:
    """Return runs by id, those that were looked at."""
    found: dict[str, CostedRun] = {}
    for start in range(0, len(run_ids), PART):
        chosen = select(R).where(col(R.run_id).in_(run_ids[start : start + PART]))
        found |= {row.run_id: _run(row) for row in session.exec(chosen)}
    return found


def of_roots(session: Session, root_ids: Sequence[str]) -> list[CostedRun]:
    """Return the runs that are part of some runs, and these themselves."""
    found: list[CostedRun] = []
    for start in range(0, len(root_ids), PART):
        chosen = select(R).where(col(R.root_id).in_(root_ids[start : start + PART]))
        found += [_run(row) for row in session.exec(chosen.order_by(col(R.run_id)))]
    return found


def in_states(
    session: Session, *states: RunState, since: datetime | None = None
) -> list[CostedRun]:
    """Return the runs in some states, the one that ended last first."""
    chosen = select(R).where(col(R.state).in_([each.value for each in states]))
    if since is not None:
        chosen = chosen.where(col(R.ended_at) >= since)
    return [_run(row) for row in session.exec(chosen.order_by(col(R.ended_at).desc()))]


def over(session: Session) -> list[str]:
    """Return every run that ended, the one that ended last first."""
    chosen = sa.select(col(R.run_id)).where(col(R.ended_at).is_not(None))
    return [row[0] for row in session.execute(chosen.order_by(col(R.ended_at).desc()))]


def nobodys(session: Session, since: datetime, most: int) -> list[str]:
    """Return charged runs that belonged to no model, the one that ended last first."""
    chosen = (
        sa.select(col(R.run_id))
        .where(col(R.state) == RunState.CHARGED.value, col(R.ended_at) >= since, col(R.model) == "")
        .order_by(col(R.ended_at).desc())
        .limit(most)
    )
    return [row[0] for row in session.execute(chosen)]


def keep(session: Session, runs: Iterable[CostedRun]) -> None:
    """Store what became of runs in place of what was known."""
    for each in runs:
        session.merge(
            R(
                run_id=each.run_id,
                root_id=each.root_id,
                experiment_id=each.experiment_id,
                name=each.name,
                state=each.state.value,
                declares=each.declares,
                started_at=each.started_at,
                ended_at=each.ended_at,
                stamp=each.stamp,
                model=each.model,
                words=each.words,
            )
        )
    session.flush()


def _run(row: CostRunRecord) -> CostedRun:
    return CostedRun(
        row.run_id, row.root_id, row.experiment_id, row.name, RunState(row.state), row.declares,
        row.started_at, row.ended_at, row.stamp, row.model, row.words,
    )  # fmt: skip


def days(session: Session, model: str) -> dict[date, str]:
    """Return on what the lines of a model's days rest, by day."""
    chosen = select(D).where(col(D.model) == model)
    return {row.day: row.stamp for row in session.exec(chosen)}


def note_day(session: Session, model: str, day: date, stamp: str) -> None:
    """Store on what the lines of a day rest."""
    session.merge(D(model=model, day=day, stamp=stamp))
    session.flush()
