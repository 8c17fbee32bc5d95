"""The nouns of a retrain ticket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.decisions.retraining.quote import Quote
from services.kernel.identity import ModelRef
from services.kernel.lifecycle import Lifecycle
from services.kernel.money import Money


class Trigger(StrEnum):
    """What asks for a new model."""

    DRIFT = "drift"
    PERFORMANCE = "performance"
    SCHEDULE = "schedule"
    DATA = "data"
    LABELS = "labels"
    CODE = "code"
    EXPIRY = "expiry"
    MANUAL = "manual"


class TicketState(StrEnum):
    """Where a ticket stands."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    RUNNING = "running"
    EVALUATING = "evaluating"
    REGISTERED = "registered"
    NO_BETTER = "no_better"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    STOPPED_BUDGET = "stopped_budget"
    STOPPED_DIVERGED = "stopped_diverged"
    FAILED = "failed"


_ENDS = frozenset({"refused", "cancelled", "failed"})
_STOPS = frozenset({"stopped_budget", "stopped_diverged"})
TICKET = Lifecycle(
    "ticket",
    "draft",
    {
        "draft": frozenset({"awaiting_approval", "queued"}) | _ENDS,
        "awaiting_approval": frozenset({"queued", "draft"}) | _ENDS,
        "queued": frozenset({"running"}) | _ENDS | _STOPS,
        "running": frozenset({"evaluating"}) | _ENDS | _STOPS,
        "evaluating": frozenset({"registered", "no_better"}) | _ENDS,
    },
)


class AttemptState(StrEnum):
    """Where one attempt stands."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIME_LIMIT = "time_limit"
    LOST = "lost"
    UNKNOWN = "unknown"


ATTEMPT = Lifecycle(
    "attempt",
    "pending",
    {
        state: frozenset(
            {"running", "succeeded", "failed", "cancelled", "time_limit", "lost", "unknown"}
        )
        - {state}
        for state in ("pending", "running", "unknown")
    },
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a ticket was opened.

    Attributes
    ----------
    key
        The same cause never trains twice: model, trigger and what it is about.
    evidence
        Ids of evidence, alerts or windows that show it.
    """

    trigger: Trigger
    key: str
    words: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataFacts:
    """The snapshot a ticket trains on.

    Attributes
    ----------
    report
        Digest of the archived report: schema, expectations, label flips, outliers, leakage, drift
        against the last snapshot.
    refused
        One sentence for each check that stops the ticket; empty when none does.
    """

    sha256: str
    rows: int
    columns: int
    first_at: datetime | None
    last_at: datetime | None
    uri: str
    report: str
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ticket:
    """A request for a new model.

    Attributes
    ----------
    base
        The version that it is to be better than: the champion, or the newest where there is none.
    alias
        For which a review opens when it is.
    recipe, recipe_version, recipe_sha256
        Empty and zero while the ticket is there to draft a recipe.
    review_id
        The review of purpose *retrain*; empty where the policy asks for no approval.
    state_reason
        One sentence; empty while all is well.
    spent
        What its attempts have used so far; None where something has no price.
    run_id
        MLflow's run of the training; empty before.
    result_version
        The version that was registered; None before, and when it was no better.
    """

    ticket_id: str
    model: str
    alias: str
    base: ModelRef | None
    cause: Cause
    recipe: str
    recipe_version: int
    recipe_sha256: str
    parameters: Mapping[str, Any]
    engine: str
    data: DataFacts | None
    quote: Quote | None
    review_id: str
    state: TicketState
    state_reason: str
    opened_by: str
    opened_at: datetime
    rationale: str
    team: str | None = None
    dry_run: bool = False
    task_id: str = ""
    run_id: str = ""
    spent: Money | None = None
    result_version: int | None = None
    report_evidence_id: str = ""
    closed_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more happens to it."""
        return TICKET.is_final(self.state)


@dataclass(frozen=True)
class Attempt:
    """One try at a ticket on an engine.

    Attributes
    ----------
    handle
        How the engine finds it again; empty before it answered.
    fence
        Counts who drives the ticket; a commit under an older one is refused.
    resumed_from
        What the script said it resumed from; empty for a fresh start.
    usage
        As the engine said last; see ``workflows.engine.types.Usage``.
    """

    attempt_id: str
    ticket_id: str
    number: int
    engine: str
    handle: str
    state: AttemptState
    reason: str
    preempted: bool
    resumed_from: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    exit_code: int | None
    usage: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class TicketForm:
    """What is asked when somebody opens a ticket; the same ``key`` opens once."""

    model: str
    reason: str
    key: str
    trigger: Trigger = Trigger.MANUAL
    recipe: str = ""
    engine: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    dry_run: bool = False
