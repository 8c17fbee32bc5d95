"""Signatures in the database: rows in, types out."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.record.signature.records import SignatureRecord, SignatureRevocationRecord
from services.record.signature.types import (
    FIRST,
    Meaning,
    Signature,
    SignatureDraft,
    SignedRecord,
)

_PLAIN = (
    "review_id", "signer_id", "printed_name", "signer_title", "slot_role", "decision",
    "reason_text", "auth_method", "auth_components", "auth_event_id", "session_id",
    "idempotency_key", "on_behalf_of", "tz_display", "ip",
)  # fmt: skip
_LISTS = ("conditions", "acknowledged", "opened")


def _signature(row: SignatureRecord, revoked: SignatureRevocationRecord | None) -> Signature:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    values |= {name: tuple(getattr(row, name)) for name in _LISTS}
    record = SignedRecord(row.record_type, row.record_id, row.record_version, row.basis_digest)
    return Signature(
        signature_id=row.signature_id,
        position=row.position,
        draft=SignatureDraft(record=record, meaning=Meaning(row.meaning), **values),
        signed_at=row.signed_at,
        body=row.body,
        prev_sig_sha256=row.prev_sig_sha256,
        sig_sha256=row.sig_sha256,
        revoked_at=revoked.revoked_at if revoked else None,
        revoked_by=revoked.revoked_by if revoked else None,
    )


def find(session: Session, *where: Any) -> list[Signature]:
    """Return signatures in the order in which they were given."""
    s, r = SignatureRecord, SignatureRevocationRecord
    statement = (
        select(s, r)
        .join(r, col(r.signature_id) == col(s.signature_id), isouter=True)
        .where(*where)
        .order_by(col(s.position))
    )
    return [_signature(row, revoked) for row, revoked in session.exec(statement)]


def of_reviews(session: Session, review_ids: list[str]) -> list[Signature]:
    """Return the signatures of some reviews, in order."""
    return find(session, col(SignatureRecord.review_id).in_(review_ids))


def by_id(session: Session, signature_id: str) -> Signature | None:
    """Return one signature, or None."""
    found = find(session, col(SignatureRecord.signature_id) == signature_id)
    return found[0] if found else None


def by_key(session: Session, key: str) -> Signature | None:
    """Return the signature that was given under a key, or None."""
    found = find(session, col(SignatureRecord.idempotency_key) == key)
    return found[0] if found else None


def by_auth_event(session: Session, auth_event_id: str) -> Signature | None:
    """Return the signature that a proof of identity was used for, or None."""
    found = find(session, col(SignatureRecord.auth_event_id) == auth_event_id)
    return found[0] if found else None


def last(session: Session) -> tuple[int, str]:
    """Return position and digest of the newest signature; (0, 64 zeros) when there is none."""
    s = SignatureRecord
    statement = sa.select(col(s.position), col(s.sig_sha256)).order_by(col(s.position).desc())
    row = session.execute(statement.limit(1)).first()
    return (row[0], row[1]) if row else (0, FIRST)


def add(session: Session, signature: Signature, series: int, event_seq: int) -> None:
    """Store a signature."""
    draft = signature.draft
    values: dict[str, Any] = {name: getattr(draft, name) for name in _PLAIN}
    values |= {name: list(getattr(draft, name)) for name in _LISTS}
    values["printed_name"] = dict(draft.printed_name)
    session.add(
        SignatureRecord(
            position=signature.position,
            signature_id=signature.signature_id,
            record_type=draft.record.kind,
            record_id=draft.record.id,
            record_version=draft.record.version,
            basis_digest=draft.record.sha256,
            meaning=draft.meaning.value,
            signed_at=signature.signed_at,
            body=dict(signature.body),
            series=series,
            prev_sig_sha256=signature.prev_sig_sha256,
            sig_sha256=signature.sig_sha256,
            event_seq=event_seq,
            **values,
        )
    )
    session.flush()


def revoke(
    session: Session, signature_id: str, by: str, at: datetime, reason: tuple[str, int]
) -> None:
    """Store that a signature was taken back; ``reason`` is its text and the event that says so."""
    session.add(
        SignatureRevocationRecord(
            signature_id=signature_id,
            revoked_at=at,
            revoked_by=by,
            reason_text=reason[0],
            event_seq=reason[1],
        )
    )
    session.flush()
