"""Asking the worker, and the worker's answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.kernel.error import NotFound
from services.kernel.identity import Actor, new_id
from services.record.task import repository
from services.record.task.types import LANES, Task, TaskState
from services.record.trail.unit_of_work import Store

OPEN = (TaskState.QUEUED, TaskState.RUNNING)


class Tasks:
    """The one road to the worker: a row, written in the transaction that wants it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def request(
        self,
        session: Session,
        kind: str,
        subject: tuple[str, str],
        payload: Mapping[str, Any],
        *,
        requested_by: str,
        key: str,
    ) -> Task:
        """Ask for something inside the caller's transaction.

        Parameters
        ----------
        key
            The same key again returns the task there is; nothing is asked twice.
        """
        known = repository.by_key(session, key)
        if known is not None:
            return known
        return repository.add(
            session,
            {
                "task_id": new_id(),
                "kind": kind,
                "subject_kind": subject[0],
                "subject_id": subject[1],
                "payload": dict(payload),
                "requested_by": requested_by,
                "idempotency_key": key,
                "state": TaskState.QUEUED,
                "created_at": self._store.clock.now(),
            },
        )

    def get(self, task_id: str) -> Task:
        """Return a task.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        with self._store.reading() as session:
            task = repository.by_id(session, task_id)
        if task is None:
            raise NotFound("There is no such task.")
        return task

    def of_subject(
        self, session: Session, kind: str, subject_id: str, limit: int = 20
    ) -> list[Task]:
        """Return the tasks about one subject, newest first."""
        return repository.of_subject(session, kind, subject_id, limit)

    def open(self, lane: str | None = None) -> list[Task]:
        """Return what is queued or running, oldest first, in one lane or in all."""
        kinds = [kind for kind, its in LANES.items() if lane in (None, its)]
        with self._store.reading() as session:
            return repository.in_states(session, OPEN, kinds if lane else None)

    def queued(self, lane: str) -> list[Task]:
        """Return what waits in a lane, oldest first."""
        kinds = [kind for kind, its in LANES.items() if its == lane]
        with self._store.reading() as session:
            return repository.in_states(session, (TaskState.QUEUED,), kinds)

    def start(self, task_id: str) -> bool:
        """Mark a task as running and count the attempt; tell whether it was not over."""
        now = self._store.clock.now()
        with self._store.operational() as session:
            task = repository.by_id(session, task_id)
            if task is None or task.is_over:
                return False
            values = {
                "state": TaskState.RUNNING,
                "attempt": task.attempt + 1,
                "started_at": task.started_at or now,
            }
            return repository.change(session, task_id, OPEN, values)

    def progress(self, task_id: str, share: float, message: str) -> bool:
        """Say how far it is; return whether somebody asked it to stop."""
        with self._store.operational() as session:
            values = {"progress": share, "message": message}
            repository.change(session, task_id, (TaskState.RUNNING,), values)
            task = repository.by_id(session, task_id)
            return task is not None and task.cancel_requested_at is not None

    def succeed(
        self, task_id: str, result: Mapping[str, Any], log_sha256: str | None = None
    ) -> None:
        """End a task well."""
        values = {"progress": 1.0, "result": dict(result)}
        self._finish(task_id, TaskState.SUCCEEDED, values, log_sha256)

    def fail(self, task_id: str, message: str, log_sha256: str | None = None) -> None:
        """End a task that could not be done, in one sentence."""
        self._finish(task_id, TaskState.FAILED, {"message": message}, log_sha256)

    def cancelled(self, task_id: str, actor: Actor, log_sha256: str | None = None) -> None:
        """End a task that was asked to stop, and say so in the trail."""
        values: dict[str, Any] = {"state": TaskState.CANCELLED, "log_sha256": log_sha256}
        with self._store.unit(actor) as unit:
            values["finished_at"] = unit.now
            if repository.change(unit.session, task_id, OPEN, values):
                unit.event("task:cancelled", ("task", task_id))

    def request_cancel(self, task_id: str) -> bool:
        """Ask a task to stop; tell whether it was not over yet."""
        with self._store.operational() as session:
            return repository.ask_to_stop(session, task_id, self._store.clock.now())

    def forget(self, kinds: Sequence[str], before: datetime) -> int:
        """Let go of tasks of some kinds that ended before an instant; return how many."""
        with self._store.operational() as session:
            return repository.forget(session, kinds, before)

    def _finish(
        self, task_id: str, state: TaskState, values: dict[str, Any], log_sha256: str | None
    ) -> None:
        values = {**values, "state": state, "finished_at": self._store.clock.now()}
        if log_sha256 is not None:
            values["log_sha256"] = log_sha256
        with self._store.operational() as session:
            repository.change(session, task_id, OPEN, values)

    def in_states(self, states: Sequence[TaskState]) -> list[Task]:
        """Return tasks in some states, oldest first."""
        with self._store.reading() as session:
            return repository.in_states(session, states, None)
