"""The nouns of a retrain ticket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.decisions.retraining.quote import DataFacts, Quote
from services.kernel.identity import ModelRef
from services.kernel.lifecycle import Lifecycle
from services.kernel.money import Money
from services.standards.policy.training import Trigger


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
    round
        Counts the quotes: a ticket that was sent back is quoted again.
    quorum
        How many signatures of which roles its quote asks for; empty when none, or not quoted yet.
    task_id
        What drives it in the worker: its quote, then its training.
    run_id
        MLflow's run of the training; empty before.
    result_version
        The version that was registered; None before, and when it was no better.
    recalled_by
        Who asked that it stops while it ran; empty while nobody did.
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
    round: int = 1
    quorum: Mapping[str, int] = field(default_factory=dict[str, int])
    task_id: str = ""
    run_id: str = ""
    spent: Money | None = None
    result_version: int | None = None
    report_evidence_id: str = ""
    recalled_by: str = ""
    closed_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more happens to it."""
        return TICKET.is_final(self.state)

    @property
    def was_returned(self) -> bool:
        """Tell whether it was sent back and waits to be revised; a draft has no reason otherwise."""
        return self.state is TicketState.DRAFT and bool(self.state_reason)


@dataclass(frozen=True)
class Attempt:
    """One try at a ticket on an engine.

    Attributes
    ----------
    handle
        How the engine finds it again; empty before it answered.
    resumed_from
        What the script said it resumed from; empty for a fresh start.
    usage
        As the engine said last; see ``workflows.engine.types.Usage``.
    spot
        Whether it was asked for on a machine that may be taken away.
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
    log_sha256: str = ""
    spot: bool = False


@dataclass(frozen=True, slots=True)
class TicketForm:
    """What is asked when somebody opens a ticket; the same ``key`` opens once.

    Attributes
    ----------
    recipe, engine
        Empty for the recipe in force, and for the engine that it names.
    parameters
        Instead of the recipe's, as people write them.
    """

    model: str
    reason: str
    key: str
    trigger: Trigger = Trigger.MANUAL
    recipe: str = ""
    engine: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A trigger that opened no ticket, and why.

    Attributes
    ----------
    times
        How often the same cause was held back.
    """

    key: str
    model: str
    trigger: Trigger
    cause: str
    reason: str
    first_at: datetime
    last_at: datetime
    times: int
