"""DBOS, in one file: ids, queues, serializer, take-over. What a run means stands in our own tables.

Notes
-----
Every start has an executor id of its own, and a lease; a reaper hands the work of the dead to the
living. The serializer refuses what would change between a run and its replay, and pickle is never read.
"""

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, Serializer, error
from dbos import _serialization as serialization  # pyright: ignore[reportPrivateUsage]
from sqlalchemy import event

from services.kernel.error import (
    Conflict,
    CountersignError,
    InvalidInput,
    NotFound,
    NotPermitted,
    SourceUnavailable,
)
from services.record.task.types import Task
from services.workflows.types import StepFailed

NAME = "countersign"
LARGEST = 256 * 1024
POLLING = 0.5
MOST_RECOVERIES = 20
QUEUES: Mapping[str, Mapping[str, Any]] = {
    "promotion": {"worker_concurrency": 8, "partition_concurrency": 1},
    "measurement": {"worker_concurrency": 2, "partition_concurrency": 1},
    "monitoring": {"worker_concurrency": 1, "partition_concurrency": 1},
    "notification": {"worker_concurrency": 4, "partition_concurrency": 1},
    "drift_report": {"worker_concurrency": 1, "partition_concurrency": 1},
    "feed": {"worker_concurrency": 1, "partition_concurrency": 1},
    "source_look": {"worker_concurrency": 1, "partition_concurrency": 1},
    "ticket_quote": {"worker_concurrency": 2, "partition_concurrency": 1},
    "retraining": {"worker_concurrency": 16, "partition_concurrency": 1},
}
FINAL = (NotFound, NotPermitted, Conflict, InvalidInput)


class StrictJson(Serializer):
    """JSON that comes back as it went in, or is refused at once."""

    def name(self) -> str:
        """Return the word that each row bears."""
        return "countersign_json"

    def serialize(self, data: Any) -> str:
        """Return a value as JSON; a failure as its kind and its sentence."""
        if isinstance(data, BaseException):
            data = cause_of(data)
            known = isinstance(data, StepFailed)
            kind = data.kind if known else type(data).__name__
            words = data.words if known else str(getattr(data, "message", "") or data)[:500]
            return json.dumps({"$error": [kind, words]})
        if isinstance(data, dict) and set(data) == {"args", "kwargs"}:
            data = {"args": list(data["args"]), "kwargs": data["kwargs"]}
        text = json.dumps(data, allow_nan=False)
        if isinstance(data, dict) and "$error" in data:
            raise TypeError("A step returned what would come back as a failure.")
        if len(text) > LARGEST or json.loads(text) != data:
            raise TypeError("A step returned what would change on replay.")
        return text

    def deserialize(self, serialized_data: str) -> Any:
        """Return the value; a failure as the same error, live and on replay."""
        held = json.loads(serialized_data)
        if isinstance(held, dict) and "$error" in held:
            return StepFailed(*held["$error"])
        return held


def cause_of(error: BaseException) -> BaseException:
    """Return what stopped a step: of tries that were all in vain, the last one's error."""
    tries = getattr(error, "errors", None)
    return cause_of(tries[-1]) if tries else error


def refuse_pickle() -> None:
    """Let no row be read as pickle, whatever format it says of itself."""

    def refuse(*_: object) -> Any:
        raise ValueError("A row of the workflow store asks for pickle; it was not read.")

    serialization.DefaultSerializer.deserialize = refuse  # type: ignore[method-assign]


def configure(url: str, executor_id: str) -> None:
    """Set up DBOS for this process; nothing runs yet."""
    refuse_pickle()
    logging.getLogger("dbos").addHandler(logging.NullHandler())
    if url.startswith("sqlite"):
        _mend_old_sqlite()
        _use_wal(url)
    config: DBOSConfig = {
        "name": NAME,
        "system_database_url": url,
        "executor_id": executor_id,
        "application_version": NAME,
        "serializer": StrictJson(),
        "log_level": "WARNING",
        "sys_db_pool_size": 10,
        "notification_coalesce_sec": 0.5,
    }
    DBOS(config=config)


def _mend_old_sqlite() -> None:
    """Give SQLite before 3.42 the clock that DBOS expects of it with Python 3.12.

    Notes
    -----
    DBOS 3.4 stamps rows by ``unixepoch('subsec')`` where Python is 3.12 or later, which an older
    SQLite answers with NULL; its tables then refuse every row.
    """
    if sqlite3.sqlite_version_info >= (3, 42, 0):
        return

    @event.listens_for(sa.Engine, "connect")
    def add_clock(connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.create_function("unixepoch", 1, lambda _word: time.time())


def _use_wal(url: str) -> None:
    path = url.removeprefix("sqlite:///")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def launch() -> None:
    """Begin to run workflows from the queues."""
    DBOS.launch()
    for name, options in QUEUES.items():
        DBOS.register_queue(name, polling_interval_sec=POLLING, **options)


def enqueue(task: Task) -> None:
    """Hand a task over; its id is the workflow's id, so that twice is once."""
    DBOS.enqueue_workflow_with_options(
        {
            "workflow_name": task.kind,
            "queue_name": task.kind,
            "workflow_id": task.task_id,
            "queue_partition_key": f"{task.subject_kind}:{task.payload.get('partition', task.subject_id)}",
        },
        task.task_id,
    )


def take_over(living: set[str]) -> list[str]:
    """Hand the work of workers that are no more to the living; return their ids."""
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    dead = sorted({str(w.executor_id) for w in pending if w.executor_id} - living)
    if dead:
        DBOS._recover_pending_workflows(dead)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return dead


def stuck(task_ids: Sequence[str]) -> dict[str, str]:
    """Return those of some runs that gave up, each with its status."""
    if not task_ids:
        return {}
    found = DBOS.list_workflows(
        workflow_ids=list(task_ids),
        status=["MAX_RECOVERY_ATTEMPTS_EXCEEDED", "ERROR"],
        load_input=False,
        load_output=False,
    )
    return {str(each.workflow_id): str(each.status) for each in found}


def exhausted() -> tuple[type[BaseException], ...]:
    """Return the errors by which a step says that trying again did not help."""
    return (error.DBOSMaxStepRetriesExceeded,)


def destroy(grace_seconds: int) -> None:
    """Stop, letting running steps end within some seconds."""
    DBOS.destroy(workflow_completion_timeout_sec=grace_seconds)


def step(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """Return a durable step: done at least once, retried while a source does not answer."""

    def attempt(*arguments: Any) -> Any:
        try:
            return work(*arguments)
        except StepFailed:
            raise
        except FINAL as final:
            raise StepFailed(type(final).__name__, final.message) from final
        except SourceUnavailable:
            raise
        except CountersignError as other:
            raise StepFailed(type(other).__name__, other.message) from other

    attempt.__name__ = attempt.__qualname__ = name
    return DBOS.step(
        name=name,
        retries_allowed=True,
        max_attempts=6,
        interval_seconds=0.5,
        backoff_rate=2.0,
        should_retry=lambda raised: isinstance(raised, SourceUnavailable),
    )(attempt)


def workflow(name: str, order: Callable[[str], Any]) -> None:
    """Register a durable workflow: pure order, no clock, no input or output of its own."""

    def run(task_id: str) -> Any:
        return order(task_id)

    run.__name__ = run.__qualname__ = name
    DBOS.workflow(name=name, max_recovery_attempts=MOST_RECOVERIES)(run)
