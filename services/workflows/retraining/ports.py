"""What carrying a ticket out works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlmodel import Session

from services.decisions.recipe.types import Recipe
from services.decisions.retraining.types import Attempt, DataFacts, Quote, Ticket
from services.facts.evidence.service import EvidenceStore
from services.facts.evidence.types import Reading
from services.facts.registry.tracking import MlflowTracking
from services.facts.scoring.service import Scorer
from services.kernel.identity import ModelRef
from services.kernel.money import Money
from services.record.archive.service import Archive
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.workflows.engine.types import Engine, Status
from services.workflows.retraining.comparing import Comparing
from services.workflows.retraining.guarding import Cap
from services.workflows.retraining.types import Fences, TicketMoves

TICKET_TAG, JOB_TAG, DATA_TAG, WARM_TAG = (
    "countersign.ticket",
    "countersign.job_id",
    "countersign.data_sha256",
    "countersign.warm_start",
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the standards say of one ticket, read while it runs.

    Attributes
    ----------
    caps
        Limits of money: the ticket's own, the month's of its team.
    hard
        What budgets leave that stop whatever the policy says.
    stops
        Whether what passes a limit is stopped; otherwise it is warned of.
    stops_idle
        Whether GPUs that sleep for ten minutes end the training.
    gpu_hours, wall_seconds
        As approved with the quote; None for no limit.
    trusted
        Whether its versions may be loaded where the sandbox has limits only.
    """

    caps: tuple[Cap, ...] = ()
    hard: tuple[Cap, ...] = ()
    stops: bool = True
    stops_idle: bool = False
    gpu_hours: float | None = None
    wall_seconds: float | None = None
    trusted: bool = False


class Rows(Protocol):
    """Rows with their digest."""

    @property
    def sha256(self) -> str:
        """Return the digest of the whole content."""
        ...

    @property
    def rows(self) -> int:
        """Return how many there are."""
        ...


@dataclass(frozen=True)
class Examined:
    """What was seen of training rows.

    Attributes
    ----------
    facts
        With one sentence for each thing that stops the ticket.
    readings
        Evidence to be filed: leakage.
    """

    facts: DataFacts
    readings: tuple[Reading, ...] = ()


class TrainingData(Protocol):
    """Where the rows of a training come from."""

    def load(self, recipe: Recipe, ticket: Ticket) -> Rows:
        """Return the rows as they are now, hashed again; of the log what had arrived at its opening."""
        ...

    def write(self, recipe: Recipe, rows: Rows, folder: Path) -> None:
        """Write ``train.parquet`` and ``schema.json`` for a script."""
        ...

    def keep(self, recipe: Recipe, folder: Path) -> None:
        """Keep the rows of a ticket that was trained: the next one is compared with them."""
        ...

    def examine(self, session: Session, recipe: Recipe, ticket: Ticket, rows: Rows) -> Examined:
        """Return what was seen of the rows before anything is spent on them."""
        ...


class Costs(Protocol):
    """What tickets and attempts cost."""

    def quote(
        self, session: Session, ticket: Ticket, recipe: Recipe, *, spot: bool = False
    ) -> tuple[Quote, str]:
        """Return what a ticket may cost, and why there is no money for it; empty when there is."""
        ...

    def per_hour(
        self, session: Session, ticket: Ticket, recipe: Recipe, *, spot: bool = False
    ) -> Money | None:
        """Return what an hour of it costs; None where something has no price."""
        ...

    def charge(
        self, unit: UnitOfWork, ticket: Ticket, recipe: Recipe, attempt: Attempt, status: Status
    ) -> Money | None:
        """Write what an attempt used into the ledger, once; return it, None where it has no price."""
        ...


class Afterwards(Protocol):
    """What follows a version that was registered."""

    def __call__(self, ticket: Ticket, ref: ModelRef) -> str:
        """Ask for its measurement and open its review, once; return in words what was done."""
        ...


@dataclass(frozen=True)
class Prepared:
    """What an attempt is started with.

    Attributes
    ----------
    command
        Program and arguments, the program of the environment filled in.
    variables
        What the environment needs in order to find its programs.
    environment_sha256
        Of the packages; empty for an image, whose name says it.
    """

    command: tuple[str, ...]
    image: str
    code_sha256: str
    environment_sha256: str = ""
    data_sha256: str = ""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


class Workshop(Protocol):
    """Where code and environment of a recipe are made ready."""

    def __call__(
        self, recipe: Recipe, ticket: Ticket, job: Path, log: Path, should_stop: Callable[[], bool]
    ) -> Prepared:
        """Bring the code into ``job / "code"``, build what it runs in, and say how it is started.

        Parameters
        ----------
        log
            Where the words of the builder are appended.
        """
        ...


@dataclass(frozen=True)
class Parts:
    """What carrying a ticket out works with.

    Attributes
    ----------
    owner
        Of this process: who drives, in every lease it takes.
    jobs
        The folder under which each ticket has one of its own.
    tracking_environment
        How a script reaches MLflow.
    """

    store: Store
    tasks: Tasks
    archive: Archive
    evidence: EvidenceStore
    tickets: TicketMoves
    fences: Fences
    engines: Callable[[str], Engine]
    recipe: Callable[[Session, Ticket], Recipe]
    rules: Callable[[Session, Ticket], Rules]
    data: TrainingData
    workshop: Workshop
    tracking: MlflowTracking
    costs: Costs
    scorer: Scorer
    comparing: Comparing
    afterwards: Afterwards
    jobs: Path
    tracking_environment: Mapping[str, str]
    owner: str

    def folder(self, ticket_id: str) -> Path:
        """Return the folder of a ticket's attempts."""
        return self.jobs / "tickets" / ticket_id
