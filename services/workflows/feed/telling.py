"""The steps of telling a stream; each may be done again: the log knows a row by its id."""

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from services.facts.prediction.service import PredictionLog
from services.facts.prediction.types import Stream
from services.kernel.error import InvalidInput, NotFound
from services.kernel.identity import SYSTEM
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.workflows.feed.rows import Rows
from services.workflows.feed.rules import begin, parse, waiting
from services.workflows.feed.service import Feeds
from services.workflows.feed.types import FOLDER, PLAN, ROWS, Feed, Plan
from services.workflows.measurement.types import Source
from services.workflows.types import StepFailed, Stopped

AT_ONCE = 31


@dataclass(frozen=True)
class Parts:
    """What telling works with.

    Attributes
    ----------
    jobs
        The folder under which each task has one of its own.
    """

    store: Store
    tasks: Tasks
    feeds: Feeds
    log: PredictionLog
    source: Source
    jobs: Path


class Telling:
    """Tells the days of one version's stream that are due."""

    def __init__(self, parts: Parts) -> None:
        self._at = parts
        self._open: dict[str, tuple[Rows, Plan]] = {}

    # the steps, in their order

    def plan(self, task_id: str) -> list[list[str]]:
        """Download the stream, begin it where it did not, and return the due days, a month at once."""
        payload = self._at.tasks.get(task_id).payload
        self._say(task_id, 0.0, f"Downloading the stream of {payload['name']}")
        rows, plan = self._held(task_id)
        today = self._at.store.clock.now().date()
        feed = self._at.feeds.begin(begin(str(payload["name"]), plan, rows.span, today))
        days = [day.isoformat() for day in waiting(feed, today, rows.days(feed.shift_days))]
        return [days[place : place + AT_ONCE] for place in range(0, len(days), AT_ONCE)]

    def tell(self, task_id: str, days: list[str], share: float) -> int:
        """Tell some days to the log; return how many rows it did not know.

        Parameters
        ----------
        share
            Of all due days, how many are told after these, in [0, 1].
        """
        payload = self._at.tasks.get(task_id).payload
        feed, (rows, plan) = self._feed(str(payload["name"])), self._held(task_id)
        version, accepted = int(payload["version"]), 0
        for each in days:
            day = date.fromisoformat(each)
            streams = {
                Stream.PREDICTIONS: rows.predictions(day, feed.shift_days, version),
                Stream.OUTCOMES: rows.outcomes(day, feed.shift_days, plan.source),
                Stream.PROTECTED: rows.protected(day, feed.shift_days),
            }
            for stream, sent in streams.items():
                accepted += self._remember(feed.model, stream, sent, day)
        self._at.feeds.told(replace(feed, told_until=date.fromisoformat(days[-1])))
        self._say(task_id, share, f"Told until {days[-1]}: {feed.note}")
        return accepted

    def close(self, task_id: str, accepted: int) -> None:
        """End the task and clear its folder."""
        payload = self._at.tasks.get(task_id).payload
        feed = self._feed(str(payload["name"]))
        held = {"rows": accepted, "days_left": feed.days_left, "note": feed.note}
        self._at.tasks.succeed(task_id, held)
        self._clear(task_id)

    def abandon(self, task_id: str, failure: StepFailed) -> None:
        """End a task that failed or was stopped; what was told stays told."""
        if failure.kind == "Cancelled":
            self._at.tasks.cancelled(task_id, SYSTEM)
        else:
            self._at.tasks.fail(task_id, failure.words)
        self._clear(task_id)

    # inside

    def _remember(self, model: str, stream: Stream, sent: list[dict[str, Any]], day: date) -> int:
        """Store what came in on a day, at its end."""
        if not sent:
            return 0
        at = datetime.combine(day, time.max, UTC)
        receipt = self._at.log.remember(model, stream, sent, at)
        if receipt.rejected:
            words = f"A row of {model}'s stream was refused: {receipt.rejected[0].reason}."
            raise InvalidInput(words)
        return receipt.accepted

    def _feed(self, model: str) -> Feed:
        with self._at.store.reading() as session:
            feed = self._at.feeds.of(session, model)
        if feed is None:
            raise NotFound(f"The stream of {model} did not begin.")
        return feed

    def _held(self, task_id: str) -> tuple[Rows, Plan]:
        """Return the stream's file and plan, downloaded and read once for each task."""
        if task_id not in self._open:
            self._open[task_id] = self._read(task_id)
        return self._open[task_id]

    def _read(self, task_id: str) -> tuple[Rows, Plan]:
        folder, run_id = self._folder(task_id), str(self._at.tasks.get(task_id).payload["run_id"])
        if not (folder / PLAN).is_file():
            self._at.source.download_run_folder(run_id, FOLDER, folder)
        if not all((folder / name).is_file() for name in (PLAN, ROWS)):
            raise NotFound("The run logged no stream.")
        return Rows(folder / ROWS), parse((folder / PLAN).read_text(encoding="utf-8"))

    def _clear(self, task_id: str) -> None:
        self._open.pop(task_id, None)
        shutil.rmtree(self._folder(task_id), ignore_errors=True)

    def _folder(self, task_id: str) -> Path:
        return self._at.jobs / task_id

    def _say(self, task_id: str, share: float, words: str) -> None:
        if self._at.tasks.progress(task_id, share, words):
            raise Stopped
