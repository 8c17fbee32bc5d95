"""May this version run, and why: steps, gate, what changed, what can be done next."""

from dataclasses import dataclass

from console.views.gate import Ladder
from console.views.task import TaskRow


@dataclass(frozen=True, slots=True)
class Requesting:
    """Whether a review may be requested, and for which aliases."""

    allowed: bool
    why: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measuring:
    """The measurement of a version: the latest one, and whether another may start."""

    allowed: bool
    why: str
    task_id: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class OverviewView:
    """What the first tab shows."""

    name: str
    version: int
    steps: tuple[tuple[str, str, str, str], ...]
    ladder: Ladder | None
    no_ladder: str
    since: tuple[tuple[str, str], ...]
    since_note: str
    facts: tuple[tuple[str, str], ...]
    requesting: Requesting
    measuring: Measuring
    task: TaskRow | None = None
