"""The rows of a ticket: loaded, looked at before they cost anything, written for the script."""

import tempfile
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from sqlmodel import Session

from services.decisions.recipe.types import Recipe
from services.decisions.retraining.quote import DataFacts
from services.decisions.retraining.types import Ticket
from services.facts.data_quality.drafting import draft
from services.facts.data_quality.types import Expectation
from services.facts.evidence.types import Reading
from services.facts.registry.tracking import MlflowTracking
from services.facts.scoring.inspection import signature_of
from services.facts.training_data import before, leakage, storing
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.types import Snapshot
from services.kernel.clock import Clock
from services.kernel.error import CountersignError, InvalidInput, NotFound
from services.record.archive.service import Archive
from services.record.canonical import canonical
from services.workflows.retraining.ports import Examined, Rows

KEPT = "rows"
SEARCH_SHARE = 0.6
"""Of the time limit of an attempt: after it no trial begins, the rest is for the training itself."""


class TicketRows:
    """Training rows as tickets need them.

    Parameters
    ----------
    jobs
        Below it stand the rows that each recipe trained on last.
    """

    def __init__(
        self,
        source: TrainingRows,
        archive: Archive,
        tracking: MlflowTracking,
        jobs: Path,
        clock: Clock,
    ) -> None:
        self._source, self._archive, self._tracking = source, archive, tracking
        self._jobs, self._clock = jobs, clock

    def load(self, recipe: Recipe, ticket: Ticket) -> Rows:
        """Return the rows as they are now, hashed again; of the log what had arrived at its opening."""
        return self._source.load(recipe.data, as_of=ticket.opened_at)

    def write(self, recipe: Recipe, rows: Rows, folder: Path) -> None:
        """Write ``train.parquet``, ``schema.json`` and what is searched for a script."""
        within = {"seconds": SEARCH_SHARE * recipe.needs.seconds}
        search = asdict(recipe.search) | within if recipe.search else None
        storing.store(_snapshot(rows), folder, search)

    def keep(self, recipe: Recipe, folder: Path) -> None:
        """Keep the rows of a ticket that was trained: the next one is compared with them."""
        place = last_rows(self._jobs, recipe)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in (storing.ROWS, storing.SCHEMA):
            if (folder / name).is_file():
                (folder / name).replace(place / name)

    def examine(self, session: Session, recipe: Recipe, ticket: Ticket, rows: Rows) -> Examined:
        """Return what was seen of the rows: expectations, freshness, the last ones, leakage."""
        del session
        found = _snapshot(rows)
        holdout = self._source.holdout(recipe.data, recipe.holdout.uri, recipe.holdout.sha256)
        checks = before.inspect(
            found, self._expected(ticket, holdout), self._clock.now(), self._last(recipe)
        )
        report, refused, readings = dict(checks.report), list(checks.refused), list[Reading]()
        if found.rows:
            leaks = leakage.look(found, holdout)
            readings.append(leaks.reading)
            refused += leaks.refused
            report["leakage"] = {"refused": list(leaks.refused), "payload": leaks.reading.payload}
        facts = DataFacts(
            sha256=found.sha256,
            rows=found.rows,
            columns=len(found.table.column_names),
            first_at=found.first_at,
            last_at=found.last_at,
            uri=recipe.data.uri,
            report=self._archive.put(canonical(report)),
            refused=tuple(refused),
        )
        return Examined(facts, tuple(readings))

    def _last(self, recipe: Recipe) -> Snapshot | None:
        try:
            return storing.stored(recipe.data, last_rows(self._jobs, recipe))
        except NotFound:
            return None

    def _expected(self, ticket: Ticket, holdout: Snapshot) -> tuple[Expectation, ...]:
        """Return what is expected of each column, drafted from the signature of the version to be replaced.

        Notes
        -----
        Nothing is expected where there is none, or where it says nothing of columns.
        """
        if ticket.base is None:
            return ()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "model"
            self._tracking.download_version(ticket.base.name, ticket.base.version, folder)
            try:
                signature = signature_of(folder)
            except CountersignError:
                return ()
        if signature is None:
            return ()
        table: pd.DataFrame = holdout.table.to_pandas()
        return draft(table, (), signature)  # a holdout holds protected columns that no model reads


def last_rows(jobs: Path, recipe: Recipe) -> Path:
    """Return where the rows stand that a recipe trained on last."""
    return jobs / KEPT / recipe.name


def _snapshot(rows: Rows) -> Snapshot:
    """Return rows as they were loaded.

    Raises
    ------
    InvalidInput
        When they are another's.
    """
    if not isinstance(rows, Snapshot):
        raise InvalidInput("These rows were not loaded here.")
    return rows
