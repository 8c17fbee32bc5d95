"""Rows of looks in, looks out."""

from sqlmodel import Session, col, select

from services.facts.challenger.look import Look
from services.facts.challenger.records import HoldoutLookRecord

R = HoldoutLookRecord


def looks(session: Session, holdout_sha256: str, model: str, limit: int) -> list[Look]:
    """Return the looks at a holdout for a model, the first one first."""
    chosen = select(R).where(col(R.holdout_sha256) == holdout_sha256, col(R.model) == model)
    rows = session.exec(chosen.order_by(col(R.number)))
    return [Look(r.holdout_sha256, r.model, r.ticket_id, r.number, limit, r.at) for r in rows]


def add(session: Session, look: Look, seq: int) -> None:
    """Store a look."""
    session.add(
        R(
            holdout_sha256=look.holdout_sha256,
            model=look.model,
            ticket_id=look.ticket_id,
            number=look.number,
            at=look.at,
            event_seq=seq,
        )
    )
    session.flush()
