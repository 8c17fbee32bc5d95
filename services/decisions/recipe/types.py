"""The nouns of a training recipe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.decisions.recipe.guards import Guards
from services.facts.training_data.types import Source


class EntryKind(StrEnum):
    """Where the code that trains comes from."""

    PROJECT = "project"
    GIT = "git"
    FOLDER = "folder"


class EnvironmentKind(StrEnum):
    """What the code runs in: packages of a lock file, an image, or the worker's own packages."""

    LOCK = "lock"
    IMAGE = "image"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Entry:
    """The code that trains, and how it is started.

    Attributes
    ----------
    location
        A folder, ``shipped:NAME`` for one that comes with the console, or the address of a git
        repository; an MLflow Project is one or the other.
    commit
        Forty hex digits; empty for a folder, whose digest is taken instead.
    folder
        Below which folder of the repository the code lies; empty for the whole.
    branch
        Of which branch a push is a change of code that may be trained; empty for none. What is
        trained is always the commit.
    command
        Program and arguments; ``python`` is that of the environment, ``{name}`` a parameter. Of an
        MLflow Project the name of an entry point alone.
    """

    kind: EntryKind
    location: str
    command: tuple[str, ...]
    commit: str = ""
    folder: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """What the code runs in; ``name`` is the lock file in the entry's folder, or the image."""

    kind: EnvironmentKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What one attempt may use; see ``workflows.engine.types.Resources``.

    Attributes
    ----------
    spot
        Whether it may run on machines that are cheaper and may be taken away.
    on_demand_after
        After so many such interruptions the next attempt asks for a machine that stays.
    """

    cpus: float = 1.0
    memory_gb: float = 4.0
    gpus: int = 0
    gpu_type: str = ""
    seconds: int = 3600
    spot: bool = False
    on_demand_after: int = 2


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the script keeps what it needs to resume, and the signal by which it is asked to.

    Attributes
    ----------
    dir
        Below the folder of the job.
    """

    dir: str = "checkpoint"
    signal: str = "SIGTERM"


@dataclass(frozen=True, slots=True)
class Holdout:
    """Rows that no training sees; the digest never changes."""

    uri: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search over parameters.

    Attributes
    ----------
    space
        For each parameter ``{"low", "high", "log"}`` or ``{"choices"}``.
    pruner
        ``median``, ``hyperband`` or ``none``.
    """

    trials: int
    metric: str
    maximise: bool
    space: Mapping[str, Mapping[str, object]]
    pruner: str = "median"


@dataclass(frozen=True)
class Recipe:
    """How one model is trained.

    Attributes
    ----------
    name, version
        The version counts up when it is published; the bytes never change.
    sha256
        Of the canonical bytes: its identity in everything that is signed.
    metrics
        What a run must log; one that lacks any did not succeed.
    engine
        Where it runs unless a ticket says otherwise.
    warm_start
        Whether it goes on from the champion's weights where there are any.
    """

    name: str
    version: int
    sha256: str
    model: str
    entry: Entry
    data: Source
    environment: Environment
    holdout: Holdout
    needs: Needs = Needs()
    parameters: Mapping[str, str | int | float | bool] = field(
        default_factory=dict[str, str | int | float | bool]
    )
    checkpoint: Checkpoint | None = None
    metrics: tuple[str, ...] = ()
    search: Search | None = None
    warm_start: bool = False
    max_attempts: int = 3
    engine: str = "local"
    guards: Guards = field(default_factory=Guards)

    @property
    def keeps(self) -> Checkpoint:
        """Return where its checkpoint is kept; the usual place where it does not say."""
        return self.checkpoint or Checkpoint()


@dataclass(frozen=True)
class PublishedRecipe:
    """A recipe as it was put in force."""

    recipe: Recipe
    text: str
    published_by: str
    published_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class RecipeDraft:
    """What a run tells of how it was trained, and what it does not.

    Attributes
    ----------
    text
        A recipe file to be completed.
    gaps
        One sentence for each thing that a person must add.
    """

    model: str
    run_id: str
    text: str
    gaps: tuple[str, ...]
