"""The nouns of taking files away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.facts.storage.types import KeptRun
from services.kernel.lifecycle import Lifecycle

Place = tuple[str, int]
"""Name and number of a version."""


class DisposalState(StrEnum):
    """Where an order stands."""

    ORDERED = "ordered"
    DISPOSED = "disposed"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"


DISPOSAL = Lifecycle("order", "ordered", {"ordered": frozenset({"disposed", "withdrawn", "kept"})})


@dataclass(frozen=True, slots=True)
class Needed:
    """What needs versions, each with a word for it.

    Attributes
    ----------
    versions
        By name and number: ``champion points at it``, ``it was signed for``.
    """

    versions: Mapping[Place, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run whose files are kept, and what needs them.

    Attributes
    ----------
    reasons
        Empty where nothing does.
    """

    kept: KeptRun
    versions: tuple[Place, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disposal:
    """An order to take the files of one run away.

    Attributes
    ----------
    due_at
        Not before then.
    outcome
        What came of it in one sentence; empty while nothing did.
    """

    disposal_id: str
    run_id: str
    name: str
    model: str
    versions: tuple[Place, ...]
    size: int
    files: int
    reason: str
    ordered_by: str
    ordered_at: datetime
    due_at: datetime
    state: DisposalState = DisposalState.ORDERED
    outcome: str = ""
