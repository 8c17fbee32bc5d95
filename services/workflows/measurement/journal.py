"""What a task says while it runs: progress in its row, lines in its log."""

import time
from datetime import UTC, datetime
from pathlib import Path

from services.kernel.identity import SYSTEM
from services.record.archive.service import Archive
from services.record.task.service import Tasks
from services.workflows.types import StepFailed

LOOK_EVERY = 0.5


class Journal:
    """The log of one task, in a file beside its folder until it is archived."""

    def __init__(self, tasks: Tasks, archive: Archive, task_id: str, jobs: Path) -> None:
        self._tasks = tasks
        self._task_id = task_id
        self._path = jobs / f"{task_id}.log"
        self._archive = archive
        self._looked = 0.0
        self._stop = False

    def say(self, share: float | None, words: str) -> None:
        """Write a line, and the share done where it changed."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%H:%M:%S")  # noqa: TID251 - a line for a reader
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{stamp} {words}\n")
        if share is not None:
            self._tasks.progress(self._task_id, share, words)

    def stopping(self) -> bool:
        """Tell whether somebody asked to stop, looking at most twice a second."""
        if time.monotonic() - self._looked > LOOK_EVERY:
            self._looked = time.monotonic()
            self._stop = self._tasks.get(self._task_id).cancel_requested_at is not None
        return self._stop

    def end(self, failure: StepFailed) -> None:
        """End the task as failed, or as stopped where somebody asked for it; its log is kept."""
        self.say(0.0, failure.words)
        if failure.kind == "Cancelled":
            self._tasks.cancelled(self._task_id, SYSTEM, self.archive())
        else:
            self._tasks.fail(self._task_id, failure.words, self.archive())

    def archive(self) -> str | None:
        """Keep the log under its digest and remove the file."""
        if not self._path.is_file():
            return None
        digest = self._archive.put(self._path.read_bytes())
        self._path.unlink()
        return digest
