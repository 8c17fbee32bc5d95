"""What the house relies on in the pinned workflow engine, and what it refuses to read or to write."""

import inspect
import json
import pickle
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, error
from dbos import _serialization as serialization

from services.kernel.error import Conflict, SourceUnavailable
from services.record.storage.database import Database
from services.workflows import dbos_adapter
from services.workflows.dbos_adapter import StrictJson
from services.workflows.orders import failure_of
from services.workflows.types import StepFailed
from tests.support.engine import engine_over

KEYS = (
    "name", "system_database_url", "executor_id", "application_version", "serializer", "log_level",
    "sys_db_pool_size", "notification_coalesce_sec",
)  # fmt: skip
ARGUMENTS = {
    "list_workflows": {"status", "workflow_ids", "load_input", "load_output"},
    "register_queue": {"polling_interval_sec", "worker_concurrency", "partition_concurrency"},
    "step": {"name", "retries_allowed", "max_attempts", "interval_seconds", "backoff_rate", "should_retry"},
    "workflow": {"name", "max_recovery_attempts"},
    "destroy": {"workflow_completion_timeout_sec"},
}  # fmt: skip


def test_every_key_that_is_set_is_one_the_engine_knows() -> None:
    assert set(KEYS) <= set(get_type_hints(DBOSConfig))


@pytest.mark.parametrize("name", ARGUMENTS)
def test_every_argument_that_is_given_is_one_the_engine_takes(name: str) -> None:
    assert set(inspect.signature(getattr(DBOS, name)).parameters) >= ARGUMENTS[name]


def test_the_private_door_to_the_work_of_the_dead_is_still_there() -> None:
    (argument,) = inspect.signature(DBOS._recover_pending_workflows).parameters.values()
    assert argument.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert callable(serialization.DefaultSerializer.deserialize)


@pytest.mark.parametrize(
    "value",
    [
        (1, 2),
        {"a": (1,)},
        float("nan"),
        {1: "a"},
        {"$error": ["a", "b"]},
        "x" * 300_000,
        {1, 2},
        b"x",
    ],
    ids=["tuple", "nested tuple", "nan", "number as key", "failure", "too large", "set", "bytes"],
)
def test_what_would_come_back_changed_is_refused_at_once(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        StrictJson().serialize(value)


@pytest.mark.parametrize("value", [None, True, 3, 0.1, "é\n", [1, [2]], {"a": {"b": []}}])
def test_plain_values_come_back_as_they_went(value: Any) -> None:
    assert StrictJson().deserialize(StrictJson().serialize(value)) == value


@pytest.mark.parametrize(
    "raised",
    [StepFailed("NotFound", "It is gone."), Conflict("Somebody was faster."),
     SourceUnavailable("MLflow does not answer."), RuntimeError("a slip")],
    ids=lambda raised: type(raised).__name__,
)  # fmt: skip
@pytest.mark.parametrize("tried", [False, True], ids=["at once", "after six tries"])
def test_a_failure_says_the_same_live_and_on_replay(raised: Exception, tried: bool) -> None:
    live: BaseException = raised
    if tried:
        live = error.DBOSMaxStepRetriesExceeded("measurement.fetch", 6, [raised] * 6)
    replayed = StrictJson().deserialize(StrictJson().serialize(live))
    now, later = failure_of(live), failure_of(replayed)
    assert (now.kind, now.words) == (later.kind, later.words)
    assert now.words == (raised.words if isinstance(raised, StepFailed) else str(raised))


class Payload:
    """Writes a file when it is read as pickle."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_a_planted_pickle_runs_in_no_worker_and_ends_the_task_in_words(
    database: Database, tmp_path: Path
) -> None:
    import base64

    mark = tmp_path / "fired"
    evil = base64.b64encode(pickle.dumps(Payload(mark))).decode()
    with engine_over(database, tmp_path) as engine:
        first = engine.ask()
        assert engine.start(crash="one:effect").wait(30) < 0
        store = sa.create_engine(engine.workflow)
        schema = "" if database.is_sqlite else "dbos."
        with store.begin() as connection:
            done = connection.execute(
                sa.text(f"UPDATE {schema}workflow_status SET inputs = :evil, serialization = 'py_pickle' "
                        "WHERE workflow_uuid = :id"),
                {"evil": evil, "id": first},
            )  # fmt: skip
            assert done.rowcount == 1
        store.dispose()
        serialization_works = pickle.loads(
            base64.b64decode(evil)
        )  # the payload does fire when read
        assert mark.exists()
        mark.unlink()
        del serialization_works
        engine.start().wait(40)
        assert not mark.exists()
        assert engine.effects(first) == []


def test_refusing_pickle_names_it() -> None:
    kept = serialization.DefaultSerializer.deserialize
    try:
        dbos_adapter.refuse_pickle()
        with pytest.raises(ValueError, match="pickle"):
            serialization.DefaultSerializer().deserialize(json.dumps("x"))
    finally:
        serialization.DefaultSerializer.deserialize = kept  # type: ignore[method-assign]
