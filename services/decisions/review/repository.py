"""Reviews in the database: rows in, types out."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from services.decisions.promotion.repository import alias_key
from services.decisions.review.records import EvidenceOpenedRecord, ReviewRecord
from services.decisions.review.types import Purpose, Review, ReviewState
from services.kernel.identity import ModelRef, new_id
from services.record.storage.history import close, standing

_SAME = (
    "review_id", "alias", "round", "basis_digest", "requested_by", "requested_at", "rationale",
    "due_at", "expires_at", "request_key",
)  # fmt: skip


def _review(row: ReviewRecord) -> Review:
    values: dict[str, Any] = {name: getattr(row, name) for name in _SAME}
    ref = ModelRef(
        row.registry_name, row.workspace, row.name, row.version, row.run_id, row.source_uri
    )
    return Review(
        ref=ref, purpose=Purpose(row.purpose), state=ReviewState(row.state), **values
    )  # fmt: skip


def find(session: Session, *where: Any, at: datetime | None = None) -> list[Review]:
    """Return reviews as they stand, or stood at an instant, oldest first."""
    statement = select(ReviewRecord).where(standing(ReviewRecord, at), *where)
    oldest = col(ReviewRecord.review_id)
    return [_review(row) for row in session.exec(statement.order_by(oldest))]


def by_id(session: Session, review_id: str) -> Review | None:
    """Return one review, or None."""
    found = find(session, col(ReviewRecord.review_id) == review_id)
    return found[0] if found else None


def by_key(session: Session, key: str) -> Review | None:
    """Return the review that was asked for under a key, or None."""
    found = find(session, col(ReviewRecord.request_key) == key)
    return found[0] if found else None


def listed(
    session: Session, model: str | None, state: str | None, at: datetime | None = None
) -> list[Review]:
    """Return reviews of a model (None: of all) in a state (None: in any), oldest first."""
    where: list[Any] = []
    if model is not None:
        where.append(col(ReviewRecord.name) == model)
    if state is not None:
        where.append(col(ReviewRecord.state) == state)
    return find(session, *where, at=at)


def of_version(
    session: Session, ref: ModelRef, alias: str, purpose: Purpose | None = None
) -> list[Review]:
    """Return the reviews of one version for one alias, oldest first."""
    r = ReviewRecord
    where: list[Any] = [
        col(r.name) == ref.name,
        col(r.version) == ref.version,
        col(r.run_id) == ref.run_id,
        col(r.alias_key) == alias_key(alias),
    ]
    if purpose is not None:
        where.append(col(r.purpose) == purpose.value)
    return find(session, *where)


def write(session: Session, review: Review, now: datetime, event_seq: int) -> None:
    """Make this the standing state of a review; the one before ends now."""
    before = select(ReviewRecord).where(
        standing(ReviewRecord), col(ReviewRecord.review_id) == review.review_id
    )
    for row in session.exec(before):
        close(row, now)
        session.add(row)
    session.flush()
    ref = review.ref
    values: dict[str, Any] = {name: getattr(review, name) for name in _SAME}
    session.add(
        ReviewRecord(
            row_id=new_id(),
            purpose=review.purpose.value,
            registry_name=ref.registry,
            workspace=ref.workspace,
            name=ref.name,
            version=ref.version,
            run_id=ref.run_id,
            source_uri=ref.source_uri,
            alias_key=alias_key(review.alias),
            state=review.state.value,
            valid_from=now,
            event_seq=event_seq,
            **values,
        )
    )
    session.flush()


def opened(session: Session, review_id: str, person_id: str) -> frozenset[str]:
    """Return the kinds of evidence of a review that a person has opened."""
    e = EvidenceOpenedRecord
    statement = select(e.kind).where(
        col(e.review_id) == review_id, col(e.person_id) == person_id
    )  # fmt: skip
    return frozenset(session.exec(statement))


def note_opened(session: Session, review_id: str, person_id: str, kind: str, at: datetime) -> None:
    """Note that a person opened a kind of evidence; noting it twice changes nothing."""
    if session.get(EvidenceOpenedRecord, (review_id, person_id, kind)) is None:
        session.add(
            EvidenceOpenedRecord(review_id=review_id, person_id=person_id, kind=kind, at=at)
        )
        session.flush()
