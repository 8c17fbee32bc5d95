"""The step of a report: a sample of the window, Evidently in a process of its own, the page archived."""

import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from services.facts.drift.evidently_adapter import report
from services.facts.window.service import Windows
from services.kernel.error import InsufficientEvidence
from services.kernel.period import Period
from services.record.archive.service import Archive
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.workflows.measurement.journal import Journal
from services.workflows.monitoring import reference
from services.workflows.monitoring.rows import own
from services.workflows.types import StepFailed

MOST_ROWS = 50_000
SEED = 20130301


class Samples(Protocol):
    """Where rows of production are drawn."""

    def sample(
        self,
        model: str,
        start: datetime,
        end: datetime,
        segment: str,
        n: int,
        seed: int,
        *,
        version: int | None,
    ) -> pa.Table:
        """Return so many rows at the most, drawn without preference, each with its outcome."""
        ...


@dataclass(frozen=True)
class Parts:
    """What a report works with."""

    store: Store
    tasks: Tasks
    archive: Archive
    windows: Windows
    rows: Samples
    jobs: Path


class Reporting:
    """Makes one report for one task."""

    def __init__(self, parts: Parts) -> None:
        self._at = parts

    def make(self, task_id: str) -> None:
        """Draw the rows, let Evidently compare them, archive its page, end the task.

        Raises
        ------
        InsufficientEvidence
            When the window has no rows, or Evidently could not compare them.
        """
        asked = self._at.tasks.get(task_id).payload
        journal, folder = self._journal(task_id), self._at.jobs / task_id
        with self._at.store.reading() as session:
            monitor = self._at.windows.monitor(session, str(asked["monitor_id"]))
            stored = self._at.windows.binnings(session, monitor.monitor_id)
        held = reference.from_bytes(self._at.archive.get(monitor.reference_sha256), stored)
        journal.say(0.1, "Drawing rows")
        start, end = (datetime.fromisoformat(str(asked[key])) for key in ("since", "until"))
        drawn = self._at.rows.sample(
            monitor.ref.name, start, end, str(asked.get("segment") or ""), MOST_ROWS, SEED,
            version=monitor.ref.version,
        )  # fmt: skip
        current = own([drawn], monitor.ref.version, Period(start, end))
        if not current.num_rows:
            raise InsufficientEvidence("There are no rows in this window; choose another.")
        journal.say(0.3, f"Evidently compares {current.num_rows:,} rows with the reference")
        shutil.rmtree(folder, ignore_errors=True)
        names = [each.column for each in monitor.columns]
        table = held.table.select([name for name in names if name in held.table.column_names])
        made = report(table, current, folder)
        result: dict[str, Any] = {
            "html_sha256": self._at.archive.put(made.html),
            "scores": [asdict(each) for each in made.scores],
            "left_out": list(made.left_out),
            "rows": current.num_rows,
            "sampled": drawn.num_rows == MOST_ROWS,
        }
        journal.say(1.0, f"Done: {len(made.scores)} columns compared")
        self._at.tasks.succeed(task_id, result, journal.archive())
        shutil.rmtree(folder, ignore_errors=True)

    def abandon(self, task_id: str, failure: StepFailed) -> None:
        """End a task that failed or was stopped."""
        self._journal(task_id).end(failure)
        shutil.rmtree(self._at.jobs / task_id, ignore_errors=True)

    def _journal(self, task_id: str) -> Journal:
        return Journal(self._at.tasks, self._at.archive, task_id, self._at.jobs)
