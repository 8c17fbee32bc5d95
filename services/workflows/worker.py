"""One lane of the worker: what it does again and again, until it is asked to stop."""

import os
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from services.kernel.error import CountersignError, SourceUnavailable
from services.record.task.service import Tasks
from services.record.task.types import LANES, Task
from services.workflows import dbos_adapter
from services.workflows.heartbeat.service import Heartbeats
from services.workflows.lease.service import WORKER, Leases

GRACE = 8
LOST_LEASE = 75
HALF_DEAD = 70
OURS = "countersign:"
GAVE_UP = "The worker could not carry this out; its log says why. Ask again when that is mended."
BEAT_EVERY, REAP_EVERY, RELAY_EVERY, DUTY_EVERY, CLAIM_EVERY = 3.0, 4.0, 0.3, 30.0, 0.2
KNOCK_EVERY = 3.0
DUTY, WATCH = "duty:registry", "duty:watch"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Duties:
    """What one worker does for all, every half minute.

    Attributes
    ----------
    look
        Reads MLflow and returns after writing what changed.
    follow
        What comes after a look: bypasses, drafts of cards, first measurements, older runs.
    abandon
        Ends a task whose workflow gave up, in words for people.
    learn
        What System health is to know of MLflow, asked after every look.
    knock
        Asks again for messages whose time has come, whether MLflow answers or not.
    watch
        Looks after what serves, whether MLflow answers or not.
    may_begin
        Of some tasks, those whose turn it is.
    """

    look: Callable[[], object]
    follow: Callable[[], None]
    abandon: Callable[[Task, str], None]
    learn: Callable[[], Mapping[str, object]] = dict
    knock: Callable[[], object] = lambda: None
    watch: Callable[[], object] = lambda: None
    may_begin: Callable[[list[Task]], list[Task]] = list


class BatchLane:
    """Runs durable workflows, and keeps the mirror fresh."""

    def __init__(
        self, tasks: Tasks, leases: Leases, heartbeats: Heartbeats, duties: Duties, url: str
    ) -> None:
        self._tasks, self._leases, self._heartbeats = tasks, leases, heartbeats
        self._duties, self._url = duties, url
        self._id = f"worker-{uuid.uuid4().hex[:12]}"
        self._stopping = threading.Event()
        self._sent: set[str] = set()

    def run(self, register: Callable[[], None], detail: Mapping[str, object]) -> None:
        """Run until asked to stop; the process ends here.

        Parameters
        ----------
        register
            Registers the workflows of this release.
        detail
            What System health is to know of this worker.
        """
        self._leases.take(WORKER + self._id, self._id)
        self._detail = dict(detail)
        threading.excepthook = self._died
        self._spawn(self._beat, min(BEAT_EVERY, self._leases.ttl.total_seconds() / 5))
        register()
        dbos_adapter.configure(self._url, self._id)
        dbos_adapter.launch()
        self._spawn(self._reap, REAP_EVERY)
        self._spawn(self._relay, RELAY_EVERY)
        self._spawn(self._duty, DUTY_EVERY)
        self._spawn(self._knock, KNOCK_EVERY)
        self._spawn(self._watch, DUTY_EVERY)
        log.info("worker ready", executor=self._id)
        self._stopping.wait()
        dbos_adapter.destroy(GRACE)
        self._leases.drop(self._id)
        os._exit(0)

    def stop(self, *_: object) -> None:
        """Ask the lane to stop."""
        self._stopping.set()

    def _spawn(self, work: Callable[[], None], every: float) -> None:
        def loop() -> None:
            while not self._stopping.is_set():
                try:
                    work()
                except SourceUnavailable as error:
                    log.warning("tried again later", what=work.__name__, reason=error.message)
                except CountersignError as error:
                    log.error("went wrong", what=work.__name__, reason=error.message)
                self._stopping.wait(every)

        threading.Thread(target=loop, name=OURS + work.__name__, daemon=True).start()

    def _died(self, raised: threading.ExceptHookArgs) -> None:
        """End the process when one of our threads did: half a worker looks like a whole one."""
        name = raised.thread.name if raised.thread else "a thread"
        error = raised.exc_value
        log.error("a part of the worker died", part=name, error=repr(error)[:500])
        if name.startswith(OURS):
            os._exit(HALF_DEAD)

    def _beat(self) -> None:
        if not self._leases.renew(WORKER + self._id, self._id):
            log.error("the lease is lost; somebody else has our work")
            os._exit(LOST_LEASE)
        unsent = [task for task in self._tasks.queued("batch") if task.task_id not in self._sent]
        self._heartbeats.beat("worker:batch", executor=self._id, unsent=len(unsent), **self._detail)

    def _reap(self) -> None:
        dead = dbos_adapter.take_over(self._leases.alive())
        if dead:
            log.warning("took over the work of the dead", executors=dead)
        sent = {task.task_id: task for task in self._tasks.open("batch")}
        for task_id, status in dbos_adapter.stuck(list(sent)).items():
            log.error("a workflow gave up", task=task_id, status=status)
            self._duties.abandon(sent[task_id], GAVE_UP)

    def _relay(self) -> None:
        fresh = [task for task in self._tasks.open("batch") if task.task_id not in self._sent]
        for task in self._duties.may_begin(fresh):
            dbos_adapter.enqueue(task)
            self._sent.add(task.task_id)

    def _duty(self) -> None:
        if self._leases.take(DUTY, self._id):
            self._duties.look()
            self._duties.follow()
            self._detail = {**self._detail, **self._duties.learn()}

    def _knock(self) -> None:
        self._duties.knock()

    def _watch(self) -> None:
        if self._leases.take(WATCH, self._id):
            self._duties.watch()


class InteractiveLane:
    """Claims short questions itself; nothing durable, a lost answer is asked for again."""

    def __init__(
        self,
        tasks: Tasks,
        heartbeats: Heartbeats,
        answers: Mapping[str, Callable[[Task], dict[str, object]]],
    ) -> None:
        self._tasks, self._heartbeats, self._answers = tasks, heartbeats, answers
        self._stopping = threading.Event()

    def run(self) -> None:
        """Answer until asked to stop."""
        rounds = 0
        while not self._stopping.is_set():
            if rounds % 15 == 0:
                self._heartbeats.beat("worker:interactive", kinds=sorted(self._answers))
            rounds += 1
            try:
                for task in self._tasks.queued("interactive"):
                    self._answer(task)
            except SourceUnavailable as error:
                log.warning("tried again later", what="interactive", reason=error.message)
            self._stopping.wait(CLAIM_EVERY)

    def stop(self, *_: object) -> None:
        """Ask the lane to stop."""
        self._stopping.set()

    def _answer(self, task: Task) -> None:
        if not self._tasks.start(task.task_id):
            return
        try:
            self._tasks.succeed(task.task_id, self._answers[task.kind](task))
        except CountersignError as error:
            self._tasks.fail(task.task_id, error.message)


def kinds(lane: str) -> list[str]:
    """Return the kinds of task that run in a lane."""
    return sorted(kind for kind, its in LANES.items() if its == lane)
