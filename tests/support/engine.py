"""A worker in a process of its own, over small orders: killed, paused, stopped or left to finish."""

import json
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from services.kernel.clock import SystemClock
from services.kernel.error import Conflict
from services.kernel.identity import SYSTEM
from services.record.storage.database import Database
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.workflows import dbos_adapter, orders, worker
from services.workflows.heartbeat.service import Heartbeats
from services.workflows.lease.service import Leases
from services.workflows.step.service import once
from services.workflows.types import StepFailed

LONG = 60.0


@dataclass(frozen=True)
class Spec:
    """What a process is to do.

    Attributes
    ----------
    order
        ``small``, ``longer``, ``edited``, ``older``, ``today`` or ``measuring``.
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
    hold_seconds: float = LONG


class Place:
    """The folder in which a process says what it does."""

    def __init__(self, spec: Spec) -> None:
        self.spec, self.folder = spec, Path(spec.folder)

    def enter(self, step: str, task_id: str) -> None:
        """Note that a step begins; wait there where the test asks for it."""
        self.note("executions", f"{step} {task_id} {os.getpid()}")
        if step not in self.spec.hold:
            return
        deadline = time.monotonic() + self.spec.hold_seconds
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


def small(tasks: Tasks, parts: Small, place: Place, order: str) -> None:
    """Register the small order: as it is, with a step more at its end, or one before all others."""
    step = dbos_adapter.step
    begin, one, two = step("begin", tasks.start), step("one", parts.one), step("two", parts.two)
    three, finish = step("three", parts.three), step("finish", parts.finish)
    more = step("more", lambda task_id: place.enter("more", task_id))

    def run(task_id: str) -> None:
        if order == "edited":
            more(task_id)
        if not begin(task_id):
            return
        seen = [repr(one(task_id))]
        try:
            two(task_id)
        except StepFailed as failure:
            seen += [type(failure).__name__, failure.kind, failure.words, repr(failure.args)]
        result = three(task_id, seen)
        if order == "longer":
            more(task_id)
        finish(task_id, result)

    dbos_adapter.workflow("promotion", run)


class Spoken:
    """Stands where the steps of measurements and promotions stand, and answers from a script."""

    def __init__(self, tasks: Tasks, place: Place) -> None:
        self._tasks, self._place = tasks, place

    def begin(self, task_id: str) -> bool:
        self._place.enter("begin", task_id)
        return self._tasks.start(task_id)

    def fetch(self, task_id: str) -> dict[str, Any]:
        return self._say("fetch", task_id, {"artifact": "a" * 64, "evaluation": True})

    def perform(self, task_id: str, fetched: dict[str, Any]) -> dict[str, Any]:
        assert fetched == {"artifact": "a" * 64, "evaluation": True}
        if self._tasks.get(task_id).payload["ends"] == "badly":
            self._place.enter("perform", task_id)
            raise StepFailed("Cancelled", "It was stopped on request.")
        return self._say("perform", task_id, {"filed": ["performance", "fairness"]})

    def explain(self, task_id: str, fetched: dict[str, Any]) -> dict[str, Any]:
        del fetched
        return self._say("explain", task_id, {"filed": ["explanation"]})

    def trace(self, task_id: str, fetched: dict[str, Any]) -> dict[str, Any]:
        del fetched
        return self._say("trace", task_id, {"filed": ["lineage"]})

    def close(self, task_id: str, filed: list[str]) -> None:
        self._place.enter("close", task_id)
        self._tasks.succeed(task_id, {"filed": filed})

    def abandon(self, task_id: str, failure: StepFailed) -> None:
        self._end("abandon", task_id, failure)

    def authorise(self, task_id: str) -> dict[str, Any]:
        if self._tasks.get(task_id).payload["ends"] == "badly":
            self._place.enter("authorise", task_id)
            raise StepFailed("NotPermitted", "The approval was revoked.")
        return self._say("authorise", task_id, {"go": True})

    def apply(self, task_id: str) -> dict[str, Any]:
        return self._say("apply", task_id, {"moved": True, "before": None, "after": 1})

    def finish(self, task_id: str) -> None:
        self._place.enter("finish", task_id)
        self._tasks.succeed(task_id, {"version": 1})

    def fail(self, task_id: str, failure: StepFailed) -> None:
        self._end("fail", task_id, failure)

    def _say(self, step: str, task_id: str, answer: dict[str, Any]) -> dict[str, Any]:
        self._place.enter(step, task_id)
        return answer

    def _end(self, step: str, task_id: str, failure: StepFailed) -> None:
        self._place.enter(step, task_id)
        self._tasks.fail(task_id, f"{failure.kind}: {failure.words}")


def today(spoken: Spoken) -> None:
    """Register the orders of this release over steps that answer from the script."""
    orders.register(spoken.begin, cast("Any", spoken), cast("Any", spoken))


def registering(spec: Spec, store: Store, tasks: Tasks, place: Place) -> Callable[[], None]:
    """Return what registers the workflows that a process is asked to run."""
    if spec.order == "today":
        return lambda: today(Spoken(tasks, place))
    if spec.order == "older":
        from tests.support.engine_older import older

        return lambda: older(Spoken(tasks, place))
    if spec.order == "measuring":
        from tests.support.engine_measuring import measuring

        return lambda: measuring(store, tasks, Path(spec.folder))
    return lambda: small(tasks, Small(store, tasks, place), place, spec.order)


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
        stuck = {task_id for task_id, _ in dbos_adapter.stuck()}
        if {task.task_id for task in tasks.open("batch")} <= stuck:
            break
        time.sleep(0.05)
    for task_id, status in dbos_adapter.stuck():
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
    nothing = worker.Duties(lambda: None, lambda: None)
    lane = worker.BatchLane(tasks, leases, Heartbeats(store), nothing, spec.store)
    signal.signal(signal.SIGTERM, lane.stop)
    lane.run(register, {})


if __name__ == "__main__":
    main(Spec(**json.loads(sys.argv[1])))
