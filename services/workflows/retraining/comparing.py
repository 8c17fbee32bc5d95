"""The comparison of a new version with the one it is to replace, as the workflow asks for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlmodel import Session

from services.decisions.recipe.types import Recipe
from services.decisions.retraining.types import Ticket
from services.facts.evidence.types import Reading
from services.facts.performance.evaluation import EvaluationSet
from services.facts.scoring.types import Scores
from services.record.trail.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Scored:
    """What one version answers to the holdout.

    Attributes
    ----------
    artifact_sha256
        Of its files.
    megabytes
        Their size.
    """

    scores: Scores
    artifact_sha256: str
    megabytes: float


@dataclass(frozen=True)
class Compared:
    """What came of a comparison.

    Attributes
    ----------
    is_better
        Whether the new version is registered.
    words
        One sentence.
    """

    is_better: bool
    words: str
    reading: Reading


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

    def look(self, unit: UnitOfWork, recipe: Recipe, ticket: Ticket) -> int:
        """Count this ticket's look at the holdout, once; return which look it is."""
        ...

    def compare(
        self,
        session: Session,
        recipe: Recipe,
        ticket: Ticket,
        rows: EvaluationSet,
        champion: Scored | None,
        challenger: Scored,
    ) -> Compared:
        """Return whether the challenger is better, and the training report."""
        ...
