"""Something asked of the worker, as a page shows it."""

from dataclasses import dataclass


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
