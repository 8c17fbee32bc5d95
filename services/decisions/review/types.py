"""The nouns of a review."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.judgement.gate.types import Verdict
from services.kernel.identity import ModelRef, Role
from services.kernel.lifecycle import Lifecycle
from services.record.signature.types import Signature
from services.standards.policy.types import Policy


class Purpose(StrEnum):
    """What is signed for."""

    PROMOTION = "promotion"
    ROLLBACK = "rollback"
    SUSPENSION = "suspension"
    RETRAIN = "retrain"


class ReviewState(StrEnum):
    """What somebody did to a review; *approved* is derived and never stored."""

    OPEN = "open"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CONSUMED = "consumed"


REVIEW = Lifecycle(
    "review",
    "open",
    {"open": frozenset({"changes_requested", "rejected", "withdrawn", "expired", "consumed"})},
)


class Decision(StrEnum):
    """What a person may choose."""

    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"

    @property
    def approves(self) -> bool:
        """Tell whether it counts for the quorum."""
        return self in (Decision.APPROVE, Decision.APPROVE_WITH_CONDITIONS)


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What is asked when a review is requested; the same ``key`` asks once."""

    model: str
    version: int
    alias: str
    rationale: str
    key: str


@dataclass(frozen=True, slots=True)
class SignForm:
    """What is posted back with a signature.

    Attributes
    ----------
    shown_digest
        The basis digest that was drawn with the page.
    acknowledged
        Keys of the regressions that were ticked.
    """

    review_id: str
    decision: Decision
    reason: str
    shown_digest: str
    key: str
    acknowledged: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """One request for a decision, and where it stands.

    Attributes
    ----------
    ref
        The version it is about; of a training, the version that it is to be better than, with number 0
        where the model has none yet.
    subject_kind, subject_id
        ``version`` and nothing, or ``ticket`` and its id.
    """

    review_id: str
    purpose: Purpose
    ref: ModelRef
    alias: str
    round: int
    requested_by: str
    requested_at: datetime
    rationale: str
    due_at: datetime
    state: ReviewState
    basis_digest: str
    subject_kind: str = "version"
    subject_id: str = ""


@dataclass(frozen=True)
class Standing:
    """What would be signed now.

    Attributes
    ----------
    verdict
        None for a rollback, a suspension and a training, which are judged by their own rules.
    quorum
        How many signatures of which roles are needed; of a suspension, one in either role.
    goes_to
        Where a suspension leaves the alias; None when it is removed.
    basis
        Exactly what the digest covers.
    artifact_digest
        Empty while the version was never measured.
    """

    policy: Policy
    verdict: Verdict | None
    replaces: ModelRef | None
    artifact_digest: str
    basis: Mapping[str, Any]
    basis_digest: str
    goes_to: ModelRef | None = None
    quorum: Mapping[Role, int] = field(default_factory=dict[Role, int])


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of signing: whether it holds, its name, and the words that say why."""

    key: str
    ok: bool
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Approval:
    """What the signatures that count add up to.

    Attributes
    ----------
    filled
        Who fills the slots of each role.
    missing
        How many are missing, by role; empty when it is approved.
    """

    filled: Mapping[Role, tuple[str, ...]]
    missing: Mapping[Role, int]
    counted: tuple[Signature, ...] = ()

    @property
    def complete(self) -> bool:
        """Tell whether every slot is filled."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Regression:
    """Something that is worse than in the version to be replaced."""

    key: str
    metric: str
    segment: str
    before: float
    after: float
    lo: float | None
    hi: float | None
    fails: str = ""


@dataclass(frozen=True)
class AtOnceOffer:
    """What one act of asking and signing would cover, and in which role."""

    role: Role
    standing: Standing
    regressions: tuple[Regression, ...]


@dataclass(frozen=True)
class SignOutcome:
    """What a signature led to.

    Attributes
    ----------
    task_id
        The promotion or the training that begins now; None when nothing does.
    """

    signature: Signature
    review: Review
    missing: Mapping[Role, int] = field(default_factory=dict[Role, int])
    promotion_id: str | None = None
    task_id: str | None = None
