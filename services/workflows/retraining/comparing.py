"""The comparison of a new version with the one it is to replace, as the workflow asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlmodel import Session

from services.decisions.recipe.types import Recipe
from services.decisions.retraining.types import Attempt, Ticket
from services.facts.challenger.look import Look
from services.facts.evidence.types import Reading
from services.facts.performance.evaluation import EvaluationSet
from services.facts.scoring.types import Scores
from services.record.trail.unit_of_work import UnitOfWork
from services.workflows.retraining.result import Start


@dataclass(frozen=True)
class Scored:
    """What one version answers to the holdout.

    Attributes
    ----------
    artifact_sha256
        Of its files.
    size_bytes
        Of them together.
    importance
        Mean absolute attribution by feature; None where it cannot be explained.
    """

    scores: Scores
    artifact_sha256: str
    size_bytes: int
    importance: Mapping[str, float] | None = None


@dataclass(frozen=True, eq=False)
class Bout:
    """Both versions' answers to the same rows.

    Attributes
    ----------
    champion
        None where there is no version to be better than.
    metrics
        As the script logged them.
    folds
        Of a metric its value on each fold of the training rows, where the script logged them.
    start
        What the challenger began from; None where its recipe does not go on from the champion.
    """

    rows: EvaluationSet
    champion: Scored | None
    challenger: Scored
    metrics: Mapping[str, float]
    folds: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    start: Start | None = None


@dataclass(frozen=True)
class Compared:
    """What came of a comparison.

    Attributes
    ----------
    is_better
        Whether the new version is registered; None where nobody can tell.
    words
        One sentence.
    reading
        The training report; None where the new version answered nothing usable.
    """

    is_better: bool | None
    words: str
    reading: Reading | None


class Comparing(Protocol):
    """Compares on the same rows; the holdout is looked at once for one ticket."""

    def holdout(self, recipe: Recipe, ticket: Ticket, folder: Path) -> EvaluationSet:
        """Return the rows that no training sees, their digest compared with the recipe's.

        Parameters
        ----------
        folder
            Receives ``data.parquet`` and ``schema.json``, which are logged with the run.

        Raises
        ------
        Conflict
            When they are not the rows the recipe names.
        """
        ...

    def spent(self, session: Session, ticket: Ticket, recipe: Recipe) -> str:
        """Return why the holdout can decide no more, in one sentence; empty while it can."""
        ...

    def look(self, unit: UnitOfWork, ticket: Ticket, recipe: Recipe) -> Look:
        """Count this ticket's look at the holdout, once."""
        ...

    def compare(
        self, bout: Bout, recipe: Recipe, ticket: Ticket, look: Look, attempts: Sequence[Attempt]
    ) -> Compared:
        """Return whether the challenger is better, and the training report."""
        ...
