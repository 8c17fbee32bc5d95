"""What an earlier release left half done is ended by the code of today, step by step as it was begun."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.record.task.types import TaskState
from tests.support import histories
from tests.support.databases import sqlite_database
from tests.support.engine import Engine, engine_over

pytestmark = pytest.mark.timeout(120)
RECORDED = [
    pytest.param(history, id=f"{file.stem}: {words}")
    for file in sorted(histories.FOLDER.glob("*.json"))
    for words, history in json.loads(file.read_text(encoding="utf-8")).items()
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with engine_over(sqlite_database(tmp_path), tmp_path) as made:
        yield made


def steps_of(history: dict[str, Any]) -> list[str]:
    outputs = sorted(history["operation_outputs"], key=lambda row: row["function_id"])
    return [row["function_name"].split(".")[1] for row in outputs]


@pytest.mark.parametrize("history", RECORDED)
def test_a_history_cut_off_anywhere_is_ended_by_the_steps_that_were_left(
    engine: Engine, history: dict[str, Any]
) -> None:
    assert engine.sqlite
    order = "tests.support.histories:register"
    assert engine.start(order=order).wait(25) == 0  # makes the store
    asked: dict[str, int] = {}
    for kept in range(len(history["operation_outputs"])):
        subject = f"model-{kept}"
        task_id = engine.ask(subject, history["kind"], **_quick(history))
        histories.put_back(engine.sqlite, history, task_id, kept)
        asked[task_id] = kept
    assert engine.start(order=order).wait(60) == 0, engine.lines("log")
    names = steps_of(history)
    for task_id, kept in asked.items():
        ran = [line.split()[0] for line in engine.lines("executions") if task_id in line]
        assert ran == names[kept:], (kept, engine.lines("log"))
        assert engine.tasks.get(task_id).state is TaskState.SUCCEEDED


@pytest.mark.parametrize("history", RECORDED)
def test_the_last_step_is_given_what_the_steps_before_it_left(
    engine: Engine, history: dict[str, Any]
) -> None:
    assert engine.sqlite
    assert engine.start(order="tests.support.histories:register").wait(25) == 0
    task_id = engine.ask(kind=history["kind"], **history["payload"])
    histories.put_back(engine.sqlite, history, task_id, len(history["operation_outputs"]) - 1)
    assert engine.start(order="tests.support.histories:register").wait(25) == 0
    last = [each for each in history["given"] if json.loads(each)[0] == steps_of(history)[-1]]
    assert engine.lines("given") == last


def _quick(history: dict[str, Any]) -> dict[str, Any]:
    """Let a server that never answered refuse at once: the six tries were made by the release."""
    fails = history["payload"].get("fails", {})
    quick = {step: ["StepFailed", words] for step, (_, words) in fails.items()}
    return {**history["payload"], **({"fails": quick} if quick else {})}
