"""Doubted runs: values in, rows out, and back."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.convergence.records import RunDoubtRecord
from services.facts.convergence.types import Doubt, DoubtedRun, DoubtKind

R = RunDoubtRecord
_SAME = (
    "run_id", "name", "user", "model", "experiment", "ticket_id", "started_at", "seen_at", "marked_at",
)  # fmt: skip


def doubted(session: Session) -> list[DoubtedRun]:
    """Return the runs that something speaks against, the one begun first first."""
    rows = session.exec(select(R).order_by(col(R.started_at), col(R.run_id)))
    return [_run(row) for row in rows]


def keep(session: Session, run: DoubtedRun) -> None:
    """Store what speaks against a run."""
    values = {name: getattr(run, name) for name in _SAME}
    said = [[each.kind.value, each.words] for each in run.doubts]
    session.merge(R(doubts=said, **values))


def forget(session: Session, others: Collection[str]) -> None:
    """Forget every run but some."""
    session.connection().execute(sa.delete(R).where(col(R.run_id).not_in(list(others))))


def _run(row: RunDoubtRecord) -> DoubtedRun:
    said = tuple(Doubt(DoubtKind(kind), words) for kind, words in row.doubts)
    return DoubtedRun(doubts=said, **{name: getattr(row, name) for name in _SAME})
