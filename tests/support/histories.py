"""Histories of durable workflows: written down once by a release, replayed by the code of today.

``python -m tests.support.histories NAME`` writes down the present release's; an earlier one is never
written again, because it is what still lies in somebody's store.
"""

import json
import sqlite3
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.kernel.error import SourceUnavailable
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.workflows import orders
from services.workflows.types import StepFailed
from tests.support.engine import Engine, Place, engine_over

FOLDER = Path(__file__).parents[1] / "integration" / "workflows" / "histories"
TABLES = ("workflow_status", "operation_outputs")
PLACEHOLDER = "THE-TASK"
PATHS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "measured": ("measurement", {}),
    "without an evaluation set": ("measurement", {"evaluation": False}),
    "stopped by the sandbox": ("measurement", {"fails": {"perform": ["StepFailed", "Time is up."]}}),
    "promoted": ("promotion", {}),
    "no longer approved": ("promotion", {"go": False}),
    "moved by someone else": ("promotion", {"fails": {"apply": ["StepFailed", "The alias moved."]}}),
    "MLflow never answered": ("promotion", {"fails": {"apply": ["SourceUnavailable", "No answer."]}}),
    "told": ("notification", {}),
    "not told": ("notification", {"fails": {"send": ["StepFailed", "The seal is broken."]}}),
}  # fmt: skip


class StandIn:
    """Steps that do what the task's payload says, and note that they ran."""

    def __init__(self, tasks: Tasks, place: Place) -> None:
        self._tasks, self._place = tasks, place

    def begin(self, task_id: str) -> bool:
        self._run("begin", task_id)
        return True

    def fetch(self, task_id: str) -> dict[str, Any]:
        return {"evaluation": self._run("fetch", task_id).get("evaluation", True), "sha256": "é1"}

    def perform(self, task_id: str, fetched: dict[str, Any]) -> dict[str, Any]:
        self._run("perform", task_id, fetched)
        return {"filed": ["performance", "fairness"]}

    def explain(self, task_id: str, fetched: dict[str, Any]) -> dict[str, Any]:
        self._run("explain", task_id, fetched)
        return {"filed": ["explanation"]}

    def trace(self, task_id: str, fetched: dict[str, Any]) -> dict[str, Any]:
        self._run("trace", task_id, fetched)
        return {"filed": ["lineage"]}

    def close(self, task_id: str, filed: list[str]) -> None:
        self._last("close", task_id, filed)

    def abandon(self, task_id: str, failure: StepFailed) -> None:
        self._last("abandon", task_id, [failure.kind, failure.words])

    def authorise(self, task_id: str) -> dict[str, Any]:
        return {"go": self._run("authorise", task_id).get("go", True)}

    def apply(self, task_id: str) -> dict[str, Any]:
        self._run("apply", task_id)
        return {"seen": "2"}

    def finish(self, task_id: str) -> None:
        self._last("finish", task_id)

    def fail(self, task_id: str, failure: StepFailed) -> None:
        self._last("fail", task_id, [failure.kind, failure.words])

    def compose(self, task_id: str) -> str:
        self._run("compose", task_id)
        return task_id

    def send(self, delivery_id: str) -> str:
        self._run("send", delivery_id)
        return "The receiver took it."

    def _run(self, step: str, task_id: str, *given: Any) -> Mapping[str, Any]:
        self._place.enter(step, task_id)
        if given:
            self._place.note("given", json.dumps([step, *given]))
        payload = self._tasks.get(task_id).payload
        kind, words = payload.get("fails", {}).get(step, (None, ""))
        if kind == "SourceUnavailable":
            raise SourceUnavailable(words)
        if kind:
            raise StepFailed(kind, words)
        return payload

    def _last(self, step: str, task_id: str, *given: Any) -> None:
        self._run(step, task_id, *given)
        self._tasks.start(task_id)
        self._tasks.succeed(task_id, {})


def register(store: Store, tasks: Tasks, place: Place) -> None:
    """Register today's orders over steps that stand in for the real ones."""
    steps: Any = StandIn(tasks, place)
    orders.register(steps.begin, steps, steps, orders.notification(steps))


def rows(path: Path, task_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return what a finished run left in the workflow store, its id replaced."""
    held: dict[str, list[dict[str, Any]]] = {}
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        for table in TABLES:
            key = "workflow_uuid"
            found = connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (task_id,))
            held[table] = [dict(row) for row in found]
    return json.loads(json.dumps(held).replace(task_id, PLACEHOLDER))


def put_back(path: Path, history: Mapping[str, Any], task_id: str, kept: int) -> None:
    """Put a history into a store as a crash after some steps would have left it."""
    held = json.loads(json.dumps(history).replace(PLACEHOLDER, task_id))
    (status,) = held["workflow_status"]
    status |= {"status": "PENDING", "output": None, "error": None, "executor_id": "long-gone"}
    status |= {"recovery_attempts": 1, "completed_at": None}
    done = sorted(held["operation_outputs"], key=lambda row: row["function_id"])[:kept]
    with sqlite3.connect(path) as connection:
        for table, row in [("workflow_status", status), *(("operation_outputs", r) for r in done)]:
            known = {each[1] for each in connection.execute(f"PRAGMA table_info({table})")}
            row = {name: value for name, value in row.items() if name in known}
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",
                tuple(row.values()),
            )


def ran(engine: Engine) -> list[str]:
    """Return the steps that ran, in order."""
    return [line.split()[0] for line in engine.lines("executions")]


def write_down(name: str) -> Path:
    """Run every path with today's code and write the histories into a new file."""
    target = FOLDER / f"{name}.json"
    if target.exists():
        raise SystemExit(
            f"{target.name} stands already: what a release left is never written again."
        )
    from tests.support.databases import sqlite_database  # what is replayed needs no tables made

    told: dict[str, Any] = {}
    for words, (kind, payload) in PATHS.items():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            with engine_over(sqlite_database(folder), folder) as engine:
                told[words] = _run_once(engine, kind, payload)
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return target


def _run_once(engine: Engine, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    task_id = engine.ask(kind=kind, **payload)
    code = engine.start(order="tests.support.histories:register").wait(60)
    assert code == 0, engine.lines("log")
    assert engine.sqlite
    return {
        "kind": kind,
        "payload": dict(payload),
        "ran": ran(engine),
        "given": engine.lines("given"),
        **rows(engine.sqlite, task_id),
    }


if __name__ == "__main__":
    sys.stdout.write(f"{write_down(sys.argv[1])}\n")
