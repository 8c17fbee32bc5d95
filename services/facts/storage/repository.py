"""Rows of what is kept in, their nouns out."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from services.facts.storage.records import KeptRunRecord
from services.facts.storage.types import KeptRun

R = KeptRunRecord


def find(session: Session, run_ids: Sequence[str] | None = None) -> list[KeptRun]:
    """Return what was ever kept, or of some runs, the largest first; at most 500 of them by id."""
    chosen = select(R).order_by(col(R.size).desc(), col(R.run_id))
    if run_ids is not None:
        chosen = chosen.where(col(R.run_id).in_(list(run_ids)[:500]))
    return [_kept(row) for row in session.exec(chosen)]


def known(session: Session) -> dict[str, datetime]:
    """Return when each run was weighed last, those that are gone too."""
    return dict(session.exec(select(R.run_id, R.weighed_at)).all())


def keep(session: Session, kept: KeptRun) -> None:
    """Store how much a run keeps, in place of what was known."""
    session.merge(R(**asdict(kept)))
    session.flush()


def _kept(row: KeptRunRecord) -> KeptRun:
    return KeptRun(
        row.run_id, row.experiment_id, row.name, row.model, row.size, row.files, row.held,
        row.ended_at, row.first_at, row.weighed_at, row.gone_at,
    )  # fmt: skip
