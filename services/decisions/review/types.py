"""The nouns of a review."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.decisions.promotion.types import Promotion, Replaced
from services.judgement.gate.types import Verdict
from services.kernel.error import Conflict
from services.kernel.identity import ModelRef, Role
from services.kernel.lifecycle import Lifecycle
from services.people.session.types import AuthEvent
from services.record.signature.types import Meaning, Signature
from services.standards.policy.types import Policy


class Purpose(StrEnum):
    """What is asked for."""

    PROMOTION = "promotion"
    ROLLBACK = "rollback"
    SUSPENSION = "suspension"
    RETRAIN = "retrain"
    POLICY = "policy"
    TIER = "tier"
    WAIVER = "waiver"
    ATTESTATION = "attestation"
    DOCUMENT = "document"
    INCIDENT_CLOSURE = "incident_closure"
    RETIREMENT = "retirement"


class ReviewState(StrEnum):
    """Where a review stands; *approved* is derived and never stored."""

    DRAFT = "draft"
    OPEN = "open"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CONSUMED = "consumed"


REVIEW = Lifecycle(
    "review",
    "draft",
    {
        "draft": frozenset({"open", "withdrawn"}),
        "open": frozenset({"changes_requested", "rejected", "withdrawn", "expired", "consumed"}),
    },
)


class Decision(StrEnum):
    """What a signer chose."""

    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"

    @property
    def approves(self) -> bool:
        """Tell whether it fills a slot of the quorum."""
        return self in (Decision.APPROVE, Decision.APPROVE_WITH_CONDITIONS)

    @property
    def meaning(self) -> Meaning:
        """Return what the signature says."""
        if self.approves:
            return Meaning.APPROVAL
        return Meaning.REJECTION if self is Decision.REJECT else Meaning.REVIEW


@dataclass(frozen=True, slots=True)
class Review:
    """A question put to people about one version and one alias.

    Attributes
    ----------
    round
        From 1; asking again after *changes requested* is the next.
    basis_digest
        Of the basis when it was requested; what counts is the digest now.
    due_at, expires_at
        Overdue from the first, closed to signatures from the second.
    """

    review_id: str
    purpose: Purpose
    ref: ModelRef
    alias: str
    round: int
    basis_digest: str
    requested_by: str
    requested_at: datetime
    rationale: str
    due_at: datetime
    expires_at: datetime
    state: ReviewState
    request_key: str

    def state_at(self, now: datetime) -> ReviewState:
        """Return the state, *expired* also before somebody has marked it."""
        over = self.state is ReviewState.OPEN and now >= self.expires_at
        return ReviewState.EXPIRED if over else self.state


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What is asked; the same key asks once."""

    model: str
    version: int
    alias: str
    rationale: str
    key: str


@dataclass(frozen=True, slots=True)
class SignForm:
    """A filled signature form.

    Attributes
    ----------
    shown_digest
        The basis digest that was drawn with the page.
    acknowledged
        Keys of the regressions the signer declares to have seen.
    opened
        Kinds of evidence that stood open on the page.
    slot_role
        The role acted in; None picks the one open slot that fits.
    """

    decision: str
    reason: str
    shown_digest: str
    key: str
    acknowledged: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    slot_role: Role | None = None


@dataclass(frozen=True, slots=True)
class Signing:
    """The part of a request that signs at once: who proved to be who, and the form."""

    auth: AuthEvent
    form: SignForm


@dataclass(frozen=True, slots=True)
class RollbackForm:
    """What is put back: one act asks and signs.

    Attributes
    ----------
    shown_digest
        What ``Reviews.preview_rollback`` drew; empty where the page drew none.
    """

    model: str
    version: int
    alias: str
    reason: str
    key: str
    shown_digest: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of signing, said before the button.

    Attributes
    ----------
    approving
        Whether it binds approvals only; rejecting and sending back stay possible.
    """

    name: str
    title: str
    ok: bool
    words: str
    approving: bool = False


@dataclass(frozen=True, slots=True)
class Regression:
    """A measurement that is worse than the champion's."""

    key: str
    metric: str
    segment: str
    value: float
    champion_value: float
    champion_lo: float | None
    champion_hi: float | None
    worse_by: float
    words: str


@dataclass(frozen=True, slots=True)
class Parties:
    """Who had a hand in what is decided; ids of people.

    Attributes
    ----------
    trainer
        None when the run's user maps to nobody.
    trainer_name
        What MLflow calls the trainer; None when it says nothing.
    """

    requester: str
    trainer: str | None
    trainer_name: str | None
    card_authors: frozenset[str]
    evidence_editors: frozenset[str]
    policy_author: str | None


@dataclass(frozen=True)
class Standing:
    """Everything a signature would cover, as it is now.

    Attributes
    ----------
    verdict
        None for a rollback, which the gate does not judge.
    artifact_digest
        None while the version was never measured.
    """

    ref: ModelRef
    alias: str
    purpose: Purpose
    policy: Policy
    verdict: Verdict | None
    basis: Mapping[str, Any]
    basis_digest: str
    champion: ModelRef | None
    artifact_digest: str | None
    team_id: str
    must_know_trainer: bool
    parties: Parties
    regressions: tuple[Regression, ...]
    required: tuple[str, ...]

    @property
    def replaces(self) -> Replaced | None:
        """Return the version the alias points at, or None."""
        return Replaced(self.champion.version, self.champion.run_id) if self.champion else None


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of the quorum."""

    role: Role
    signed_by: str | None
    signature_id: str | None


@dataclass(frozen=True, slots=True)
class Void:
    """A signature that does not count, and why."""

    signature_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Who has signed what is on the table now: derived at each use, never stored."""

    slots: tuple[Slot, ...]
    void: tuple[Void, ...]

    @property
    def missing(self) -> tuple[Role, ...]:
        """Return the roles that still have to sign, one for each open slot."""
        return tuple(slot.role for slot in self.slots if slot.signed_by is None)

    @property
    def complete(self) -> bool:
        """Tell whether every slot is filled."""
        return bool(self.slots) and not self.missing

    @property
    def words(self) -> str:
        """Return how far it is: ``1 of 2 signatures; approver is missing``."""
        filled = len(self.slots) - len(self.missing)
        open_ = ", ".join(role.value for role in self.missing)
        return f"{filled} of {len(self.slots)} signatures" + (
            f"; missing: {open_}" if open_ else ""
        )


@dataclass(frozen=True, slots=True)
class Approved:
    """Whether a version is approved for an alias, and why not."""

    complete: bool
    review_id: str | None
    missing: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class SignOutcome:
    """What a signature brought about; ``promotion`` when it was the last one."""

    signature: Signature
    review: Review
    approval: Approval | None
    promotion: Promotion | None


class BasisMoved(Conflict):
    """What would be signed is not what was shown; nothing was stored.

    Attributes
    ----------
    changes
        What moved, in words.
    """

    def __init__(self, changes: tuple[str, ...], shown: str, current: str) -> None:
        what = "; ".join(changes)
        super().__init__(
            f"What you saw has changed since: {what}. Nothing was signed; look again.",
            changes=changes,
            shown=shown,
            current=current,
        )
        self.changes = changes
