"""What watching works with."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from services.facts.evidence.service import EvidenceStore
from services.facts.prediction.withheld import Decision
from services.facts.registry.service import Registry
from services.facts.window.service import Windows
from services.facts.window.types import Monitor, WindowMetric
from services.kernel.period import Period
from services.record.archive.service import Archive
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.workflows.measurement.types import PolicySource, Source

if TYPE_CHECKING:
    from services.facts.scoring.service import Scorer


class Tally(Protocol):
    """How many rows one day holds, and a stamp that changes when more come in."""

    @property
    def day(self) -> date:
        """Return the day."""
        ...

    @property
    def rows(self) -> int:
        """Return how many predictions there are."""
        ...

    @property
    def labelled(self) -> int:
        """Return of how many the outcome is known."""
        ...

    @property
    def stamp(self) -> str:
        """Return a text that is another one when the rows are."""
        ...


class Rows(Protocol):
    """Where the rows of production are read."""

    def tallies(self, model: str, since: date) -> Sequence[Tally]:
        """Return the days from one on that hold rows, oldest first."""
        ...

    def states(self, model: str) -> Mapping[date, Hashable]:
        """Return by day what differs whenever its tally does, oldest first."""
        ...

    def day(self, model: str, day: date) -> pa.Table:
        """Return the predictions of a day, each with what is known of its outcome."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """A window that must be measured, and what it will rest on."""

    period: Period
    days: tuple[date, ...]
    rows: int
    labelled: int
    stamp: str
    closed: bool


@dataclass(frozen=True)
class Parts:
    """What watching works with.

    Attributes
    ----------
    policy
        The policy of a model, None when none applies.
    note
        What a person must know about where a model's rows come from; empty where nothing.
    business
        Figures that the business or a server watches, of a monitor, the rows of one window, its
        period, and how many rows each of these stands for.
    decisions
        What was decided on keeping a model's rows, oldest first.
    judge
        Holds what was measured against the limits; called once after each measuring.
    jobs
        The folder under which each task has one of its own.
    """

    store: Store
    tasks: Tasks
    archive: Archive
    evidence: EvidenceStore
    registry: Registry
    source: Source
    scorer: "Scorer"
    windows: Windows
    rows: Rows
    policy: PolicySource
    note: Callable[[str], str]
    business: Callable[..., list[WindowMetric]]
    decisions: Callable[[str], Sequence[Decision]]
    judge: Callable[[Monitor], object]
    jobs: Path
