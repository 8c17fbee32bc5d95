"""A workflow is the same after a crash as without one: killed three times in each of its steps."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.record.storage.database import Database
from services.record.task.types import TaskState
from tests.support.engine import Engine, engine_over

SEEN = [
    "{'share': 1.0, 'count': 3, 'list': ['é', None, True, {'deep': [0.1]}]}",
    "StepFailed",
    "Conflict",
    "Somebody was faster.",
    "('Conflict', 'Somebody was faster.')",
]
EFFECTS = [{"step": "one"}, {"step": "two"}, {"step": "three", "seen": SEEN}]
pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def engine(database: Database, tmp_path: Path) -> Iterator[Engine]:
    with engine_over(database, tmp_path) as made:
        yield made


def ended_well(engine: Engine, task_id: str) -> bool:
    task = engine.tasks.get(task_id)
    return task.state is TaskState.SUCCEEDED and task.result == {"seen": SEEN}


def test_without_a_crash_every_step_is_done_once(engine: Engine) -> None:
    task_id = engine.ask()
    assert engine.start().wait(25) == 0
    assert ended_well(engine, task_id), engine.lines("log")
    assert engine.effects(task_id) == EFFECTS
    assert [line.split()[0] for line in engine.lines("executions")] == [
        "one", "two", "three", "finish"
    ]  # fmt: skip


@pytest.mark.parametrize("step", ["one", "two", "three"])
def test_killed_before_and_after_its_effect_and_after_the_commit_it_ends_as_without_a_crash(
    engine: Engine, step: str
) -> None:
    task_id = engine.ask()
    for point in ("before", "effect", "commit"):
        assert engine.start(crash=f"{step}:{point}").wait(25) == -signal.SIGKILL, point
        known = sum(each["step"] == step for each in engine.effects(task_id))
        assert known == (1 if point == "commit" else 0), point
    assert engine.start().wait(25) == 0
    assert ended_well(engine, task_id), engine.lines("log")
    assert engine.effects(task_id) == EFFECTS
    for each in ("one", "two", "three", "finish"):
        assert engine.executions(each) == (4 if each == step else 1), engine.lines("executions")
