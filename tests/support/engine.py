"""A worker in a process of its own, over small orders: killed, paused, stopped or left to finish."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from services.kernel.clock import SystemClock
from services.kernel.error import Conflict
from services.kernel.identity import SYSTEM
from services.record.storage.database import Database
from services.record.task.service import Tasks
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.workflows import dbos_adapter, worker
from services.workflows.heartbeat.service import Heartbeats
from services.workflows.lease.service import Leases
from services.workflows.notification.service import Deliveries
from services.workflows.step.service import once
from services.workflows.types import StepFailed
from tests.support.workspace import ROOT

LONG = 60.0


@dataclass(frozen=True)
class Spec:
    """What a process is to do.

    Attributes
    ----------
    order
        ``small``, or ``module:function`` that registers another one.
    lane
        Run the batch lane with its lease; otherwise take over at once, and end when all is over.
    crash
        ``step:before``, ``step:effect`` or ``step:commit``: where the process kills itself.
    hold
        Steps that wait until the file ``go`` stands in the folder.
    """

    database: str
    store: str
    folder: str
    order: str = "small"
    lane: bool = False
    lease_seconds: float = 15.0
    crash: str = ""
    hold: tuple[str, ...] = ()


class Place:
    """The folder in which a process says what it does."""

    def __init__(self, spec: Spec) -> None:
        self.spec, self.folder = spec, Path(spec.folder)

    def enter(self, step: str, task_id: str) -> None:
        """Note that a step begins; wait there where the test asks for it."""
        self.note("executions", f"{step} {task_id} {os.getpid()}")
        if step not in self.spec.hold:
            return
        deadline = time.monotonic() + LONG
        while not (self.folder / "go").exists() and time.monotonic() < deadline:
            time.sleep(0.02)

    def note(self, file: str, line: str) -> None:
        """Add a line to a file of the folder, in one write."""
        target = os.open(self.folder / file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.write(target, f"{line}\n".encode())
        os.close(target)

    def crash(self, point: str) -> None:
        """Kill this process where the test asks for it."""
        if self.spec.crash == point:
            os.kill(os.getpid(), signal.SIGKILL)


class Small:
    """Three steps with an effect each; the second has its effect and fails."""

    def __init__(self, store: Store, tasks: Tasks, place: Place) -> None:
        self._store, self._tasks, self._place = store, tasks, place

    def one(self, task_id: str) -> dict[str, Any]:
        self._effect(task_id, "one", {})
        return {"share": 1.0, "count": 3, "list": ["é", None, True, {"deep": [0.1]}]}

    def odd(self, task_id: str) -> None:
        """Fail as nobody expected, where the task asks for it."""
        if self._tasks.get(task_id).payload.get("odd"):
            raise RuntimeError("a slip of the pen")

    def two(self, task_id: str) -> None:
        self._effect(task_id, "two", {})
        raise Conflict("Somebody was faster.")

    def three(self, task_id: str, seen: list[str]) -> dict[str, Any]:
        return self._effect(task_id, "three", {"seen": seen})

    def finish(self, task_id: str, result: dict[str, Any]) -> None:
        self._place.enter("finish", task_id)
        self._tasks.succeed(task_id, result)

    def _effect(self, task_id: str, step: str, result: dict[str, Any]) -> dict[str, Any]:
        def work(unit: UnitOfWork) -> dict[str, Any]:
            unit.event("export:made", ("task", task_id), step=step, **result)
            self._place.crash(f"{step}:effect")
            return result

        self._place.enter(step, task_id)
        self._place.crash(f"{step}:before")
        done = once(self._store, SYSTEM, f"{task_id}:{step}", work)
        self._place.crash(f"{step}:commit")
        return done


def small(tasks: Tasks, parts: Small) -> None:
    """Register the small order; it catches the failure and goes on."""
    step = dbos_adapter.step
    begin, one, two = step("begin", tasks.start), step("one", parts.one), step("two", parts.two)
    odd, three, finish = (
        step("odd", parts.odd),
        step("three", parts.three),
        step("finish", parts.finish),
    )

    def run(task_id: str) -> None:
        if not begin(task_id):
            return
        odd(task_id)
        seen = [repr(one(task_id))]
        try:
            two(task_id)
        except StepFailed as failure:
            seen += [type(failure).__name__, failure.kind, failure.words, repr(failure.args)]
        finish(task_id, three(task_id, seen))

    dbos_adapter.workflow("promotion", run)


def registering(spec: Spec, store: Store, tasks: Tasks, place: Place) -> Callable[[], None]:
    """Return what registers the workflows that a process is asked to run."""
    if ":" not in spec.order:
        return lambda: small(tasks, Small(store, tasks, place))
    module, name = spec.order.split(":")
    register = getattr(import_module(module), name)
    return lambda: register(store, tasks, place)


def directly(spec: Spec, tasks: Tasks, register: Callable[[], None], place: Place) -> None:
    """Take over at once, send what is open, and end when nothing goes on."""
    executor = f"test-{uuid.uuid4().hex[:12]}"
    register()
    dbos_adapter.configure(spec.store, executor)
    dbos_adapter.launch()
    dbos_adapter.take_over({executor})
    for task in tasks.open("batch"):
        dbos_adapter.enqueue(task)
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        open_ = [task.task_id for task in tasks.open("batch")]
        stuck = dbos_adapter.stuck(open_)
        if set(open_) <= set(stuck):
            break
        time.sleep(0.05)
    for task_id, status in stuck.items():
        place.note("stuck", f"{task_id} {status}")
    os._exit(0)


def main(spec: Spec) -> None:
    """Run until everything is over, the process is asked to stop, or its lease is lost."""
    store = Store(Database(spec.database), SystemClock())
    tasks, place = Tasks(store), Place(spec)
    register = registering(spec, store, tasks, place)
    if not spec.lane:
        directly(spec, tasks, register, place)
    leases = Leases(store, timedelta(seconds=spec.lease_seconds))
    nothing = worker.Duties(
        lambda: None,
        lambda: None,
        lambda task, words: tasks.fail(task.task_id, words),
        knock=Deliveries(store, tasks).again,
    )
    lane = worker.BatchLane(tasks, leases, Heartbeats(store), nothing, spec.store)
    signal.signal(signal.SIGTERM, lane.stop)
    lane.run(register, {})


class Engine:
    """The test's side: asks for tasks, starts processes, reads what they left."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.store = Store(database, SystemClock())
        self.tasks, self.folder = Tasks(self.store), folder
        self.url = database.engine.url.render_as_string(hide_password=False)
        self.sqlite = folder / "workflow.sqlite" if database.is_sqlite else None
        self.workflow = f"sqlite:///{self.sqlite}" if self.sqlite else self.url
        self.started: list[subprocess.Popen[bytes]] = []

    def ask(self, subject: str = "credit", kind: str = "promotion", **payload: Any) -> str:
        """Ask for a task; return its id."""
        with self.store.operational() as session:
            about, key = ("model", subject), uuid.uuid4().hex
            task = self.tasks.request(session, kind, about, payload, requested_by="test", key=key)
        return task.task_id

    def start(self, **wanted: Any) -> subprocess.Popen[bytes]:
        """Start a process with what it is to do."""
        spec = Spec(self.url, self.workflow, str(self.folder), **wanted)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")}
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.engine", json.dumps(asdict(spec))],
                cwd=ROOT, env={**kept, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log,
            )  # fmt: skip
        self.started.append(process)
        return process

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()

    def lines(self, file: str) -> list[str]:
        """Return the lines that the processes left in a file."""
        path = self.folder / file
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def executions(self, step: str, task_id: str = "") -> int:
        """Return how often a step was begun."""
        return sum(line.startswith(f"{step} {task_id}") for line in self.lines("executions"))

    def effects(self, task_id: str) -> list[dict[str, Any]]:
        """Return what a task left in the trail, oldest first."""
        with self.store.reading() as session:
            found = Trail(self.store).search(session, subject=("task", task_id))
        return [dict(event.payload) for event in reversed(found)]


@contextmanager
def engine_over(database: Database, folder: Path) -> Iterator[Engine]:
    """Yield an engine over a governance database; whatever it started is ended."""
    engine = Engine(database, folder)
    try:
        yield engine
    finally:
        engine.end()


if __name__ == "__main__":
    main(Spec(**json.loads(sys.argv[1])))
