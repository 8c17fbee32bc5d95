"""Recommendation rows in, recommendations out."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from services.judgement.saving.records import SavingRecord
from services.judgement.saving.types import (
    Confidence,
    Piece,
    Proposal,
    Recommendation,
    SavingKind,
    SavingState,
    Worth,
)
from services.kernel.identity import new_id
from services.kernel.money import Money
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork

R = SavingRecord


def find(
    session: Session,
    at: datetime | None = None,
    *,
    states: Sequence[SavingState] | None = None,
    models: Sequence[str] | None = None,
) -> list[Recommendation]:
    """Return recommendations as they stand now or stood at an instant, the newest first."""
    chosen = select(R).where(standing(R, at))
    if states is not None:
        chosen = chosen.where(col(R.state).in_([each.value for each in states]))
    if models is not None:
        chosen = chosen.where(col(R.model).in_(list(models)))
    return [_recommendation(row) for row in session.exec(chosen.order_by(col(R.opened_at).desc()))]


def by_id(session: Session, saving_id: str) -> Recommendation | None:
    """Return one recommendation, or None."""
    row = session.exec(select(R).where(standing(R), col(R.saving_id) == saving_id)).first()
    return _recommendation(row) if row else None


def history(session: Session, saving_id: str) -> list[Recommendation]:
    """Return how a recommendation stood, oldest first."""
    chosen = select(R).where(col(R.saving_id) == saving_id).order_by(col(R.event_seq))
    return [_recommendation(row) for row in session.exec(chosen)]


def latest(session: Session, keys: Sequence[str]) -> dict[str, Recommendation]:
    """Return the newest recommendation about each of some things."""
    chosen = select(R).where(standing(R), col(R.key).in_(list(keys)))
    rows = session.exec(chosen.order_by(col(R.opened_at)))
    return {row.key: _recommendation(row) for row in rows}


def write(unit: UnitOfWork, made: Recommendation, seq: int) -> None:
    """Make this the standing version of a recommendation."""
    held = select(R).where(standing(R), col(R.saving_id) == made.saving_id)
    for row in unit.session.exec(held):
        close(row, unit.now)
    unit.session.flush()
    proposal, worth = made.proposal, made.proposal.worth
    unit.session.add(
        R(
            row_id=new_id(),
            saving_id=made.saving_id,
            open_key=proposal.key if made.is_open else None,
            key=proposal.key,
            kind=proposal.kind.value,
            model=proposal.model,
            experiment_id=proposal.experiment_id,
            about=proposal.about,
            words=proposal.words,
            costs=list(proposal.costs),
            currency=worth.amount.currency if worth else None,
            micros=worth.amount.micros if worth else None,
            lo_micros=worth.lo.micros if worth else None,
            hi_micros=worth.hi.micros if worth else None,
            confidence=proposal.confidence.value,
            because=proposal.because,
            evidence=[asdict(each) for each in proposal.evidence],
            runs=list(proposal.runs),
            state=made.state.value,
            opened_at=made.opened_at,
            handled_by=made.handled_by,
            reason=made.reason,
            valid_from=unit.now,
            event_seq=seq,
        )
    )
    unit.session.flush()


def _recommendation(row: SavingRecord) -> Recommendation:
    proposal = Proposal(
        SavingKind(row.kind), row.model, row.experiment_id, row.about, row.words, tuple(row.costs),
        _worth(row), Confidence(row.confidence), row.because,
        tuple(Piece(**each) for each in row.evidence), tuple(row.runs),
    )  # fmt: skip
    return Recommendation(
        row.saving_id, proposal, SavingState(row.state), row.opened_at, row.valid_from,
        row.handled_by, row.reason,
    )  # fmt: skip


def _worth(row: SavingRecord) -> Worth | None:
    if row.currency is None or None in (row.micros, row.lo_micros, row.hi_micros):
        return None
    amount, lo, hi = (
        Money(row.currency, micros or 0) for micros in (row.micros, row.lo_micros, row.hi_micros)
    )
    return Worth(amount, lo, hi)
