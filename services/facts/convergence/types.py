"""The nouns of runs that go nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DoubtKind(StrEnum):
    """Why a run is doubted."""

    NO_NUMBER = "no_number"
    PLATEAU = "plateau"
    WORSE = "worse"
    OVER_BUDGET = "over_budget"


@dataclass(frozen=True, slots=True)
class Course:
    """How one metric of a run went.

    Attributes
    ----------
    maximise
        Whether more is better; None where nobody can tell, and then only numbers are looked for.
    values
        As they were logged, oldest first; also what is no finite number.
    baseline
        What is in use reached, on the same metric; None where nobody knows.
    """

    metric: str
    maximise: bool | None
    values: Sequence[float]
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a run seems to go nowhere, in one sentence; no proof, and nothing is stopped for it."""

    kind: DoubtKind
    words: str


@dataclass(frozen=True, slots=True)
class DoubtedRun:
    """A run that goes on, and what speaks against it.

    Attributes
    ----------
    user
        As MLflow names whoever began it; empty where it names nobody.
    model, experiment
        Empty where nobody knows.
    ticket_id
        Of our own trainings; empty for a run of somebody else, which nothing of ours can end.
    marked_at
        When it was marked in MLflow and people were told; None for our own, and until then.
    """

    run_id: str
    name: str
    user: str
    model: str
    experiment: str
    ticket_id: str
    started_at: datetime | None
    doubts: tuple[Doubt, ...]
    seen_at: datetime
    marked_at: datetime | None = None

    @property
    def is_ours(self) -> bool:
        """Tell whether it is a training of our own."""
        return bool(self.ticket_id)

    @property
    def words(self) -> str:
        """Return everything that speaks against it."""
        return " ".join(each.words for each in self.doubts)
