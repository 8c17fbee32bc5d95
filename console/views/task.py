"""Something asked of the worker, as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from console.format import ago
from services.kernel.error import NotFound
from services.people.account.types import Principal
from services.record.task.types import Task, TaskState
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services

STATES: Mapping[TaskState, tuple[str, str]] = MappingProxyType(
    {
        TaskState.QUEUED: ("info", "Waiting"),
        TaskState.RUNNING: ("info", "Running"),
        TaskState.SUCCEEDED: ("info", "Done"),
        TaskState.FAILED: ("fail", "Failed"),
        TaskState.CANCELLED: ("none", "Cancelled"),
    }
)
_MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class TaskRow:
    """How far a task is.

    Attributes
    ----------
    progress
        Share done, in [0, 1].
    log
        Lines of the log so far, oldest first.
    """

    task_id: str
    title: str
    status: str
    word: str
    progress: float
    message: str
    when: str
    over: bool
    failed: bool
    may_cancel: bool
    stopping: bool
    log: tuple[str, ...] = ()


def load(services: "Services", principal: Principal, task_id: str | None) -> TaskRow | None:
    """Return how far a task is, or None when there is none."""
    if not task_id:
        return None
    task = services.tasks.get(task_id)
    allowed = services.authority.permits(principal, Action.TASK_CANCEL)
    return row(task, _log(services, task), services.clock.now(), may_cancel=allowed)


def row(task: Task, log: tuple[str, ...], now: datetime, *, may_cancel: bool) -> TaskRow:
    """Return a task as a page shows it."""
    status, word = STATES[task.state]
    since = task.finished_at or task.started_at or task.created_at
    return TaskRow(
        task.task_id,
        task.kind.replace("_", " ").capitalize(),
        status,
        word,
        task.progress,
        task.message,
        ago(since, now),
        task.is_over,
        task.state is TaskState.FAILED,
        may_cancel and task.kind != "promotion",
        task.cancel_requested_at is not None,
        log,
    )


def _log(services: "Services", task: Task) -> tuple[str, ...]:
    running = Path(services.settings.home) / "jobs" / f"{task.task_id}.log"
    try:
        if task.log_sha256:
            text = services.archive.get(task.log_sha256).decode("utf-8", "replace")
        else:
            text = running.read_text(encoding="utf-8", errors="replace")
    except (NotFound, OSError):
        return ()
    return tuple(text.splitlines()[-_MOST_LINES:])
