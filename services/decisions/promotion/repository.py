"""Promotions in the database: rows in, types out."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from services.decisions.promotion.records import PromotionRecord
from services.decisions.promotion.types import (
    Authorisation,
    Promotion,
    PromotionState,
    Replaced,
)
from services.kernel.identity import ModelRef, new_id
from services.record.storage.history import close, standing


def alias_key(alias: str) -> str:
    """Return an alias as MLflow compares it: whatever its case."""
    return alias.lower()


def _promotion(row: PromotionRecord) -> Promotion:
    replaces = None
    if row.replaces_version is not None:
        replaces = Replaced(row.replaces_version, row.replaces_run_id or "")
    return Promotion(
        promotion_id=row.promotion_id,
        authorisation=Authorisation(
            review_id=row.review_id,
            purpose=row.purpose,
            ref=ModelRef(
                row.registry_name,
                row.workspace,
                row.name,
                row.version,
                row.run_id,
                row.source_uri,
            ),
            alias=row.alias,
            replaces=replaces,
            artifact_digest=row.artifact_digest,
            basis_digest=row.basis_digest,
            requested_by=row.requested_by,
            due_again_at=row.due_again_at,
        ),
        state=PromotionState(row.state),
        task_id=row.task_id,
        attempt=row.attempt,
        authorised_at=row.authorised_at,
        applied_at=row.applied_at,
        reason=row.reason,
    )


def find(session: Session, *where: Any, at: datetime | None = None) -> list[Promotion]:
    """Return promotions as they stand, or stood at an instant, newest first."""
    newest = col(PromotionRecord.promotion_id).desc()
    statement = select(PromotionRecord).where(standing(PromotionRecord, at), *where)
    return [_promotion(row) for row in session.exec(statement.order_by(newest))]


def by_id(session: Session, promotion_id: str) -> Promotion | None:
    """Return one promotion, or None."""
    found = find(session, col(PromotionRecord.promotion_id) == promotion_id)
    return found[0] if found else None


def of_review(session: Session, review_id: str) -> Promotion | None:
    """Return the promotion that a review allowed, or None."""
    found = find(session, col(PromotionRecord.review_id) == review_id)
    return found[0] if found else None


def of_alias(
    session: Session,
    model: tuple[str, str, str],
    alias: str | None,
    state: PromotionState | None = None,
    at: datetime | None = None,
) -> list[Promotion]:
    """Return the promotions of one model (registry, workspace, name), newest first."""
    p = PromotionRecord
    where: list[Any] = [
        col(p.registry_name) == model[0],
        col(p.workspace) == model[1],
        col(p.name) == model[2],
    ]
    if alias is not None:
        where.append(col(p.alias_key) == alias_key(alias))
    if state is not None:
        where.append(col(p.state) == state.value)
    return find(session, *where, at=at)


def in_state(
    session: Session, state: PromotionState, at: datetime | None = None
) -> list[Promotion]:
    """Return all promotions in one state, newest first."""
    return find(session, col(PromotionRecord.state) == state.value, at=at)


def ever_applied(session: Session) -> list[Promotion]:
    """Return all promotions that were ever carried out, newest first."""
    return find(session, col(PromotionRecord.applied_at).is_not(None))


def write(session: Session, promotion: Promotion, now: datetime, event_seq: int) -> None:
    """Make this the standing state of a promotion; the one before ends now."""
    before = select(PromotionRecord).where(
        standing(PromotionRecord),
        col(PromotionRecord.promotion_id) == promotion.promotion_id,
    )
    for row in session.exec(before):
        close(row, now)
        session.add(row)
    session.flush()
    held, ref = promotion.authorisation, promotion.ref
    session.add(
        PromotionRecord(
            row_id=new_id(),
            promotion_id=promotion.promotion_id,
            review_id=held.review_id,
            purpose=held.purpose,
            registry_name=ref.registry,
            workspace=ref.workspace,
            name=ref.name,
            version=ref.version,
            run_id=ref.run_id,
            source_uri=ref.source_uri,
            alias=held.alias,
            alias_key=alias_key(held.alias),
            replaces_version=held.replaces.version if held.replaces else None,
            replaces_run_id=held.replaces.run_id if held.replaces else None,
            artifact_digest=held.artifact_digest,
            basis_digest=held.basis_digest,
            requested_by=held.requested_by,
            due_again_at=held.due_again_at,
            state=promotion.state.value,
            task_id=promotion.task_id,
            attempt=promotion.attempt,
            authorised_at=promotion.authorised_at,
            applied_at=promotion.applied_at,
            reason=promotion.reason,
            valid_from=now,
            event_seq=event_seq,
        )
    )
    session.flush()
