"""The nouns of signing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

SCHEMA = "signature/1"
FIRST = "0" * 64


class Meaning(StrEnum):
    """What a signature says (21 CFR 11.50)."""

    AUTHORSHIP = "authorship"
    REVIEW = "review"
    APPROVAL = "approval"
    REJECTION = "rejection"
    RESPONSIBILITY = "responsibility"
    WITNESS = "witness"


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """What is signed.

    Attributes
    ----------
    kind, id, version
        The record as people call it: ``review``, its id, its round.
    sha256
        The digest of the record's canonical bytes; the archive keeps them under it.
    """

    kind: str
    id: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SignatureDraft:
    """A signature about to be given.

    Attributes
    ----------
    printed_name
        The signer's name, sealed: ``{sealed, key_id}``. Never in clear.
    decision
        What the person chose; ``meaning`` is its class.
    reason_text, conditions
        Free text: kept beside the signature, bound to it by digest.
    acknowledged
        Ids of the regressions the signer declared to have seen.
    opened
        Kinds of evidence the signer had opened.
    idempotency_key
        The same key again is the same signature.
    """

    record: SignedRecord
    review_id: str
    signer_id: str
    printed_name: Mapping[str, str]
    signer_title: str
    slot_role: str
    meaning: Meaning
    decision: str
    reason_text: str
    auth_method: str
    auth_components: int
    auth_event_id: str
    session_id: str
    idempotency_key: str
    conditions: tuple[str, ...] = ()
    acknowledged: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    on_behalf_of: str | None = None
    tz_display: str = "UTC"
    ip: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that was given; no field of it ever changes.

    Attributes
    ----------
    position
        Its place in the chain of all signatures, from 1.
    body
        Exactly what the digest covers.
    prev_sig_sha256
        The digest of the signature before it; 64 zeros for the first.
    revoked_at
        None while it stands.
    """

    signature_id: str
    position: int
    draft: SignatureDraft
    signed_at: datetime
    body: Mapping[str, Any]
    prev_sig_sha256: str
    sig_sha256: str
    revoked_at: datetime | None = None
    revoked_by: str | None = None

    @property
    def basis_digest(self) -> str:
        """Return the digest of what was on the screen."""
        return self.draft.record.sha256

    @property
    def signer_id(self) -> str:
        """Return the person who signed."""
        return self.draft.signer_id

    @property
    def is_revoked(self) -> bool:
        """Tell whether it was taken back."""
        return self.revoked_at is not None


@dataclass(frozen=True, slots=True)
class Verification:
    """What recomputing a signature found.

    Attributes
    ----------
    faults
        One sentence for each thing that is not what was signed; empty when nothing is wrong.
    """

    signature_id: str
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.faults

    @property
    def word(self) -> str:
        """Return ``VALID`` or ``RECORD CHANGED``."""
        return "VALID" if self.holds else "RECORD CHANGED"
