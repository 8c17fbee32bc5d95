"""The nouns of promotion."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kernel.identity import ModelRef
from services.kernel.lifecycle import Lifecycle


class PromotionState(StrEnum):
    """Where a promotion stands."""

    PENDING = "pending"
    APPLIED = "applied"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    CANCELLED = "cancelled"


PROMOTION = Lifecycle(
    "promotion",
    "pending",
    {
        "pending": frozenset({"applied", "failed"}),
        "applied": frozenset({"superseded", "rolled_back"}),
        "failed": frozenset({"pending", "cancelled"}),
    },
)


@dataclass(frozen=True, slots=True)
class Replaced:
    """The version an alias pointed at when the promotion was signed."""

    version: int
    run_id: str


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What the last signature allows.

    Attributes
    ----------
    purpose
        ``promotion``, ``rollback`` or ``suspension``.
    ref
        The version the alias is to point at; of a suspension after which it points nowhere, the
        suspended version itself.
    replaces
        None when the alias pointed nowhere; of a suspension, the suspended version.
    artifact_digest
        What the version's files must hash to when the alias is moved.
    due_again_at
        When the model is to be reviewed again, or None.
    """

    review_id: str
    purpose: str
    ref: ModelRef
    alias: str
    replaces: Replaced | None
    artifact_digest: str
    basis_digest: str
    requested_by: str
    due_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """One move of one alias, from what was signed to what MLflow says.

    Attributes
    ----------
    attempt
        From 1; each retry after a failure is the next.
    reason
        Why it failed, in one sentence; empty otherwise.
    """

    promotion_id: str
    authorisation: Authorisation
    state: PromotionState
    task_id: str
    attempt: int
    authorised_at: datetime
    applied_at: datetime | None
    reason: str

    @property
    def ref(self) -> ModelRef:
        """Return the version it is about; see :attr:`Authorisation.ref`."""
        return self.authorisation.ref

    @property
    def target(self) -> ModelRef | None:
        """Return the version the alias is to point at; None when it is to point nowhere."""
        return None if self.suspended == _place(self.ref) else self.ref

    @property
    def suspended(self) -> tuple[int, str] | None:
        """Return number and run of the version it suspends; None when it is no suspension."""
        held = self.authorisation.replaces
        if self.authorisation.purpose != "suspension" or held is None:
            return None
        return held.version, held.run_id

    def leads_to(self, ref: ModelRef) -> bool:
        """Tell whether the alias is to point at a version: the same run, not only the number."""
        return self.target is not None and _place(self.target) == _place(ref)

    @property
    def alias(self) -> str:
        """Return the alias, as it was asked for."""
        return self.authorisation.alias

    @property
    def review_id(self) -> str:
        """Return the review that allowed it."""
        return self.authorisation.review_id

    @property
    def is_rollback(self) -> bool:
        """Tell whether it goes back to a version that was applied before."""
        return self.authorisation.purpose == "rollback"


def _place(ref: ModelRef) -> tuple[int, str]:
    return ref.version, ref.run_id
