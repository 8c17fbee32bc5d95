"""The bytes that are signed, and recomputing them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.record.canonical import canonical, digest, sha256_hex
from services.record.signature.types import (
    FIRST,
    SCHEMA,
    Signature,
    SignatureDraft,
    Verification,
)


def body(
    draft: SignatureDraft, signature_id: str, signed_at: datetime, prev_sig_sha256: str
) -> dict[str, Any]:
    """Return what a signature covers; a new key means a new schema.

    Notes
    -----
    Free text stands in it as a digest, the printed name sealed: erasing a person leaves every
    signature verifiable.
    """
    record = draft.record
    return {
        "schema": SCHEMA,
        "signature_id": signature_id,
        "record_type": record.kind,
        "record_id": record.id,
        "record_version": record.version,
        "record_sha256": record.sha256,
        "canonical_json_ref": record.sha256,
        "basis_digest": record.sha256,
        "review_id": draft.review_id,
        "slot_role": draft.slot_role,
        "on_behalf_of": draft.on_behalf_of,
        "signer_user_id": draft.signer_id,
        "signer_printed_name": dict(draft.printed_name),
        "signer_title": draft.signer_title,
        "meaning": draft.meaning.value,
        "decision": draft.decision,
        "reason_sha256": sha256_hex(draft.reason_text.encode()),
        "conditions_sha256": digest(list(draft.conditions)),
        "acknowledged": sorted(draft.acknowledged),
        "opened": sorted(draft.opened),
        "signed_at_utc": signed_at,
        "tz_display": draft.tz_display,
        "auth_method": draft.auth_method,
        "auth_components_used": draft.auth_components,
        "auth_event_id": draft.auth_event_id,
        "session_id": draft.session_id,
        "ip": None if draft.ip is None else dict(draft.ip),
        "prev_sig_sha256": prev_sig_sha256,
    }


def sig_sha256(signed: dict[str, Any]) -> str:
    """Return the digest of a signature: SHA-256 of the RFC 8785 bytes of its body."""
    return sha256_hex(canonical(signed))


def verify(signature: Signature) -> Verification:
    """Recompute one signature from its row.

    Returns
    -------
    Verification
        No faults when every column and both digests are what was signed.
    """
    expected = body(
        signature.draft, signature.signature_id, signature.signed_at, signature.prev_sig_sha256
    )
    faults: list[str] = []
    if canonical(expected) != canonical(signature.body):
        changed = sorted(
            key
            for key in set(expected) | set(signature.body)
            if canonical(expected.get(key)) != canonical(signature.body.get(key))
        )
        faults.append(f"The row differs from what was signed: {', '.join(changed)}.")
    if sig_sha256(dict(signature.body)) != signature.sig_sha256:
        faults.append("The digest of the signature is not that of the signed bytes.")
    return Verification(signature.signature_id, tuple(faults))


def verify_chain(signatures: Iterable[Signature]) -> tuple[Verification, ...]:
    """Recompute all signatures in order, each with its link to the one before.

    Returns
    -------
    tuple
        One for each signature; a missing or exchanged one shows as a fault of its successor.
    """
    previous, position = FIRST, 0
    results: list[Verification] = []
    for each in signatures:
        found = verify(each)
        position += 1
        if each.prev_sig_sha256 != previous or each.position != position:
            words = "It does not follow the signature before it."
            found = Verification(each.signature_id, (*found.faults, words))
        results.append(found)
        previous, position = each.sig_sha256, each.position
    return tuple(results)
