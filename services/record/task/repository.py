"""Task rows in, tasks out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.record.task.records import TaskRecord
from services.record.task.types import Task, TaskState

_FIELDS = tuple(Task.__dataclass_fields__)


def _task(row: TaskRecord) -> Task:
    values: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    values["state"] = TaskState(row.state)
    return Task(**values)


def add(session: Session, values: dict[str, Any]) -> Task:
    """Store a new task."""
    row = TaskRecord(**values)
    session.add(row)
    session.flush()
    return _task(row)


def by_id(session: Session, task_id: str) -> Task | None:
    """Return a task, or None."""
    row = session.get(TaskRecord, task_id)
    return _task(row) if row else None


def by_key(session: Session, key: str) -> Task | None:
    """Return the task that was asked for under a key, or None."""
    row = session.exec(select(TaskRecord).where(col(TaskRecord.idempotency_key) == key)).first()
    return _task(row) if row else None


def of_subject(session: Session, kind: str, subject_id: str, limit: int) -> list[Task]:
    """Return the tasks about one subject, newest first."""
    r = TaskRecord
    statement = (
        select(r)
        .where(col(r.subject_kind) == kind, col(r.subject_id) == subject_id)
        .order_by(col(r.task_id).desc())
        .limit(limit)
    )
    return [_task(row) for row in session.exec(statement)]


def in_states(
    session: Session, states: Sequence[TaskState], kinds: Sequence[str] | None
) -> list[Task]:
    """Return tasks in some states, oldest first.

    Notes
    -----
    Kinds are told apart here: a database that is asked for both may look through every task there
    ever was of a kind, where few are open.
    """
    statement = select(TaskRecord).where(col(TaskRecord.state).in_(list(states)))
    rows = session.exec(statement.order_by(col(TaskRecord.task_id)))
    return [_task(row) for row in rows if kinds is None or row.kind in kinds]


def change(session: Session, task_id: str, states: Sequence[str], values: dict[str, Any]) -> bool:
    """Change a task that is in one of some states; tell whether it was."""
    result: Any = session.execute(
        sa.update(TaskRecord)
        .where(col(TaskRecord.task_id) == task_id, col(TaskRecord.state).in_(list(states)))
        .values(**values)
    )
    return result.rowcount == 1


def ask_to_stop(session: Session, task_id: str, at: datetime) -> bool:
    """Note that somebody wants a task to stop; tell whether it is not over."""
    values = {"cancel_requested_at": at}
    return change(session, task_id, (TaskState.QUEUED, TaskState.RUNNING), values)


def forget(session: Session, kinds: Sequence[str], before: datetime) -> int:
    """Delete tasks of some kinds that ended before an instant; return how many."""
    ended = col(TaskRecord.finished_at) < before
    result: Any = session.execute(
        sa.delete(TaskRecord).where(col(TaskRecord.kind).in_(list(kinds)), ended)
    )
    return int(result.rowcount)
