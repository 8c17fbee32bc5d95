"""The nouns of working out what runs cost."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

GONE = "was deleted in MLflow before it ended; it is not charged"
"""What is said of a run that nobody can end any more."""
UNREAD = "cannot be read: "
"""How the words of a run begin whose tags say something, but nothing that can be understood."""


class RunState(StrEnum):
    """What became of a run, as far as its cost goes."""

    RUNNING = "running"
    OVERDUE = "overdue"
    """It has not ended for so long that nobody knows whether it runs: it is not charged."""
    WAITING = "waiting"
    """It is part of a run that has not ended."""
    CHARGED = "charged"
    WITHIN = "within"
    """Another run pays for it: the one it is part of, or those that are part of it."""
    OURS = "ours"
    """One of our own jobs, which is charged by its attempts."""
    SKEWED = "skewed"
    """It ended before it began: how long it took is unknown."""


@dataclass(frozen=True, slots=True)
class CostedRun:
    """A run that was looked at for its cost.

    Attributes
    ----------
    root_id
        The run that it is part of, or its own id.
    declares
        Whether it says itself what it ran on.
    stamp
        Another one when something that decides its cost changed.
    model
        Whose it was when it was charged; empty for nobody's.
    words
        What is to be said of it; empty where it is as it should be.
    """

    run_id: str
    root_id: str
    experiment_id: str
    name: str
    state: RunState
    declares: bool
    started_at: datetime | None
    ended_at: datetime | None
    stamp: str
    model: str = ""
    words: str = ""

    @property
    def is_root(self) -> bool:
        """Tell whether it is part of no other run."""
        return self.run_id == self.root_id

    @property
    def is_over(self) -> bool:
        """Tell whether it has ended."""
        return self.state not in (RunState.RUNNING, RunState.OVERDUE)
