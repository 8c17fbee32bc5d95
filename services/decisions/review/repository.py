"""Review rows in, reviews out."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from services.decisions.review.records import (
    EvidenceOpenedRecord,
    ReviewKeyRecord,
    ReviewRecord,
)
from services.decisions.review.types import Purpose, Review, ReviewState
from services.kernel.identity import ModelRef, new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork

R, K, S = ReviewRecord, ReviewKeyRecord, EvidenceOpenedRecord


def _review(row: ReviewRecord) -> Review:
    return Review(
        review_id=row.review_id,
        purpose=Purpose(row.purpose),
        ref=ModelRef(
            row.registry_id, row.workspace_id, row.name, row.version, row.run_id, row.source_uri
        ),
        alias=row.alias,
        round=row.round,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        rationale=row.rationale,
        due_at=row.due_at,
        state=ReviewState(row.state),
        basis_digest=row.basis_digest,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
    )


def by_id(session: Session, review_id: str, at: datetime | None = None) -> Review | None:
    """Return one review."""
    row = session.exec(select(R).where(standing(R, at), col(R.review_id) == review_id)).first()
    return _review(row) if row else None


def by_key(session: Session, key: str) -> Review | None:
    """Return the review that was asked for under a key."""
    row = session.get(K, key)
    return by_id(session, row.review_id) if row else None


def find(
    session: Session,
    *,
    model: str | None = None,
    state: str | None = None,
    at: datetime | None = None,
) -> list[Review]:
    """Return reviews, oldest first."""
    chosen = select(R).where(standing(R, at)).order_by(col(R.requested_at))
    if model is not None:
        chosen = chosen.where(col(R.name) == model)
    if state is not None:
        chosen = chosen.where(col(R.state) == state)
    return [_review(row) for row in session.exec(chosen)]


def write(unit: UnitOfWork, review: Review, seq: int) -> Review:
    """Store how a review stands from now on."""
    held = select(R).where(standing(R), col(R.review_id) == review.review_id)
    for row in unit.session.exec(held):
        close(row, unit.now)
    unit.session.flush()
    ref = review.ref
    unit.session.add(
        R(
            row_id=new_id(),
            review_id=review.review_id,
            purpose=review.purpose,
            registry_id=ref.registry,
            workspace_id=ref.workspace,
            name=ref.name,
            version=ref.version,
            run_id=ref.run_id,
            source_uri=ref.source_uri,
            alias=review.alias,
            round=review.round,
            requested_by=review.requested_by,
            requested_at=review.requested_at,
            rationale=review.rationale,
            due_at=review.due_at,
            state=review.state,
            basis_digest=review.basis_digest,
            subject_kind=review.subject_kind,
            subject_id=review.subject_id,
            valid_from=unit.now,
            event_seq=seq,
        )
    )
    unit.session.flush()
    return review


def keep_key(unit: UnitOfWork, key: str, review_id: str) -> None:
    """Remember the key a review was asked for under."""
    unit.session.add(K(key=key, review_id=review_id))
    unit.session.flush()


def move(unit: UnitOfWork, review: Review, state: ReviewState, seq: int) -> Review:
    """Store a new state."""
    return write(unit, replace(review, state=state), seq)


def opened(session: Session, review_id: str, person_id: str) -> frozenset[str]:
    """Return the kinds of evidence a person opened."""
    chosen = select(S.kind).where(col(S.review_id) == review_id, col(S.person_id) == person_id)
    return frozenset(session.exec(chosen))


def note_opened(session: Session, review_id: str, person_id: str, kind: str, at: datetime) -> None:
    """Note that a person opened a kind of evidence."""
    if session.get(S, (review_id, person_id, kind)) is None:
        session.add(S(review_id=review_id, person_id=person_id, kind=kind, at=at))
