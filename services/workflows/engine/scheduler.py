"""What is asked of the scheduler of a cluster, and what it says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.workflows.engine.attempt_folder import AttemptFolder
from services.workflows.engine.types import AttemptSpec, EngineState

GONE = "The cluster does not know it any more, and it left no word."


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scheduler says of an attempt.

    Attributes
    ----------
    state
        *Lost* for one that it does not know, *unknown* when it cannot be asked.
    ended_at
        When it ended there; None when it did not or the scheduler does not say.
    requeued
        Whether it waits again after the cluster took its place away: what had begun is over.
    """

    state: EngineState
    reason: str = ""
    preempted: bool = False
    ended_at: datetime | None = None
    requeued: bool = False


class Scheduler(Protocol):
    """What starts programs on the nodes of a cluster; every call has a time-out of its own."""

    def check(self, spec: AttemptSpec) -> None:
        """Refuse what the cluster can never run: ``InvalidInput``."""
        ...

    def find(self, attempt_id: str) -> str | None:
        """Return the cluster's own name of an attempt that was handed over; None when it was not."""
        ...

    def start(self, spec: AttemptSpec, folder: AttemptFolder) -> str:
        """Hand an attempt over and return the cluster's own name for it."""
        ...

    def look(self, ref: str) -> Seen:
        """Return what the cluster says; ``SourceUnavailable`` when it does not answer."""
        ...

    def end(self, ref: str) -> None:
        """End it whatever it does, or take it out of the queue."""
        ...

    def words(self, ref: str) -> bytes:
        """Return what the cluster itself printed, for what never began."""
        ...

    def trial(self) -> str:
        """Return one sentence about the cluster; ``SourceUnavailable`` or ``InvalidInput`` when it fails."""
        ...
