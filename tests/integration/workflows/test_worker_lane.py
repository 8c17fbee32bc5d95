"""A whole lane: paused past its lease, its store thrown away, stopped in a long step, a workflow that gives up."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.record.storage.database import Database
from services.record.task.types import TaskState
from services.workflows.worker import GAVE_UP, GRACE, LOST_LEASE
from tests.support.engine import Engine, engine_over

STEPS = ["one", "two", "three"]
pytestmark = pytest.mark.timeout(150)


@pytest.fixture
def engine(database: Database, tmp_path: Path) -> Iterator[Engine]:
    with engine_over(database, tmp_path) as made:
        yield made


def until(what: Callable[[], bool], seconds: float, engine: Engine) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, engine.lines("log")[-30:]
        time.sleep(0.05)


def over(engine: Engine, task_id: str) -> bool:
    return engine.tasks.get(task_id).is_over


def test_a_worker_paused_past_its_lease_leaves_by_itself_and_nothing_is_done_twice(
    engine: Engine,
) -> None:
    task_id = engine.ask()
    paused = engine.start(lane=True, lease_seconds=4.0, hold=("two",))
    until(lambda: engine.executions("two") == 1, 40, engine)
    os.kill(paused.pid, signal.SIGSTOP)
    other = engine.start(lane=True, lease_seconds=4.0)
    until(lambda: over(engine, task_id), 60, engine)
    (engine.folder / "go").touch()
    os.kill(paused.pid, signal.SIGCONT)
    assert paused.wait(10) == LOST_LEASE
    assert other.poll() is None
    assert engine.tasks.get(task_id).state is TaskState.SUCCEEDED
    assert [each["step"] for each in engine.effects(task_id)] == STEPS


def test_a_workflow_store_that_is_thrown_away_is_filled_again_from_our_rows(engine: Engine) -> None:
    done, begun, waiting = engine.ask("a"), engine.ask("b"), engine.ask("c")
    worker = engine.start(lane=True, lease_seconds=4.0, hold=("three",))
    until(lambda: engine.executions("three") == 3, 60, engine)
    worker.kill()
    worker.wait()
    engine.tasks.succeed(done, {"by": "hand"})
    throw_away(engine)
    (engine.folder / "go").touch()
    engine.start(lane=True, lease_seconds=4.0)
    until(lambda: over(engine, begun) and over(engine, waiting), 60, engine)
    for task_id in (begun, waiting):
        assert [each["step"] for each in engine.effects(task_id)] == STEPS
    assert engine.tasks.get(done).result == {"by": "hand"}


def throw_away(engine: Engine) -> None:
    if engine.sqlite is not None:
        for each in engine.folder.glob("workflow.sqlite*"):
            each.unlink()
        return
    store = sa.create_engine(engine.workflow, isolation_level="AUTOCOMMIT")
    with store.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA dbos CASCADE")
    store.dispose()


def test_asked_to_stop_in_a_long_step_a_worker_is_gone_within_its_grace(engine: Engine) -> None:
    task_id = engine.ask()
    worker = engine.start(lane=True, hold=("two",))
    until(lambda: engine.executions("two") == 1, 40, engine)
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(GRACE + 5) == 0
    assert time.monotonic() - began < GRACE + 2
    assert not over(engine, task_id)
    (engine.folder / "go").touch()
    engine.start(lane=True)
    until(lambda: over(engine, task_id), 40, engine)
    assert [each["step"] for each in engine.effects(task_id)] == STEPS


def test_a_workflow_that_gives_up_ends_its_task_in_words(engine: Engine) -> None:
    odd, good = engine.ask("a", odd=True), engine.ask("b")
    engine.start(lane=True, lease_seconds=10.0)
    until(lambda: over(engine, odd) and over(engine, good), 60, engine)
    failed = engine.tasks.get(odd)
    assert (failed.state, failed.message) == (TaskState.FAILED, GAVE_UP)
    assert engine.tasks.get(good).state is TaskState.SUCCEEDED
