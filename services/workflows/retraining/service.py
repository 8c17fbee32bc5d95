"""Moving a ticket on, one step at a time: any number of processes may try, one at a time does."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.decisions.retraining.fence import Fence
from services.decisions.retraining.types import TicketState
from services.kernel.error import Conflict, CountersignError, SourceUnavailable
from services.kernel.identity import SYSTEM
from services.record.task.types import Task
from services.workflows.measurement.journal import Journal
from services.workflows.retraining import repository
from services.workflows.retraining.attempting import Attempting
from services.workflows.retraining.closing import Closing
from services.workflows.retraining.crash import crash
from services.workflows.retraining.deciding import STAYS, Close, Evaluate, Try, Watch, following
from services.workflows.retraining.evaluating import Evaluating
from services.workflows.retraining.guarding import Limits, over_budget
from services.workflows.retraining.job import Job
from services.workflows.retraining.keeping import Held, kept
from services.workflows.retraining.limits import limits, spending
from services.workflows.retraining.listening import Listening
from services.workflows.retraining.market import on_spot
from services.workflows.retraining.ports import Parts, Prepared
from services.workflows.retraining.preparing import Preparing
from services.workflows.retraining.queue import Queue
from services.workflows.retraining.runs import Runs
from services.workflows.retraining.training import Training
from services.workflows.types import StepFailed

ELSEWHERE, AGAIN = 0.5, 2.0
MISSING = "A file of the training is gone from its folder"


class Retraining:
    """Carries tickets out."""

    def __init__(self, parts: Parts) -> None:
        self._at = parts
        runs, listening = Runs(parts), Listening(parts.store, parts.archive)
        self._attempting = Attempting(parts, listening)
        self._preparing = Preparing(parts, runs)
        self._training = Training(parts, listening, self._attempting)
        self._evaluating = Evaluating(parts)
        self._closing = Closing(parts, runs, self._attempting)
        self._queue = Queue(parts)
        self._driven: set[str] = set()
        self._lock = threading.Lock()

    def advance(self, task_id: str) -> dict[str, Any]:
        """Move a ticket on by one step; it takes half a minute at most, or as long as its data takes.

        Returns
        -------
        dict
            ``over`` tells whether nothing is left to do.
        """
        task = self._at.tasks.get(task_id)
        if task.is_over:
            return {"over": True}
        with self._driving(task) as held:
            if held is not None:
                return {"over": self._guarded(task, held)}
        time.sleep(ELSEWHERE)
        return {"over": False}

    def abandon(self, task_id: str, failure: StepFailed) -> None:
        """End a ticket whose workflow gave up; asked again until all of it is ended."""
        task = self._at.tasks.get(task_id)
        with self._driving(task) as held:
            if held is None or task.is_over:
                return
            job = self._job(task, held)
            if job.ticket.is_over or self._fail(job, failure.words):
                self._closing.close(self._job(task, held))

    def may_begin(self, tasks: list[Task]) -> list[Task]:
        """Return those of some tasks that may be handed to a workflow: others wait for their turn."""
        return self._queue.may_begin(tasks)

    # inside

    @contextmanager
    def _driving(self, task: Task) -> Iterator[Held | None]:
        """Drive a ticket while the block lasts; None while somebody else does, here or elsewhere."""
        ticket_id = str(task.payload["ticket_id"])
        with self._lock:
            busy = ticket_id in self._driven
            self._driven.add(ticket_id)
        try:
            fence = None if busy else self._at.fences.take(ticket_id, self._at.owner)
            if fence is None:
                yield None
                return
            with kept(self._at.fences, fence) as held:
                yield held
            if self._at.tasks.get(task.task_id).is_over:
                self._at.fences.drop(fence)
        finally:
            if not busy:
                self._driven.discard(ticket_id)

    def _guarded(self, task: Task, held: Held) -> bool:
        """Move on; what a source withholds is asked for again, what is wrong ends the ticket."""
        try:
            return self._move(self._job(task, held), task)
        except SourceUnavailable as error:
            self._at.tasks.progress(task.task_id, 0.1, f"Tried again: {error.message}")
            time.sleep(AGAIN)
        except FileNotFoundError as error:
            self._give_up(task, held, MISSING, error)
        except OSError as error:
            self._at.tasks.progress(task.task_id, 0.1, f"Tried again: {error.strerror}")
            time.sleep(AGAIN)
        except CountersignError as error:
            self._give_up(task, held, error.message, error)
        return False

    def _give_up(self, task: Task, held: Held, words: str, error: Exception) -> None:
        """End a ticket after an error, unless it is because another drives it now."""
        if held.lost.is_set() or not self._at.fences.renew(held.fence):
            return
        job = self._job(task, held)
        if job.ticket.is_over:
            raise error
        self._fail(job, words)

    def _fail(self, job: Job, words: str) -> bool:
        """End a ticket that cannot go on, once nothing of it runs; tell whether it is ended."""
        if not self._closing.nothing_runs(job):
            return False
        self._close(job.held.fence, TicketState.FAILED, f"{words.rstrip('.')}; {STAYS}.")
        return True

    def _job(self, task: Task, held: Held) -> Job:
        with self._at.store.reading() as session:
            ticket = self._at.tickets.get(session, held.fence.ticket_id)
            return Job(task.task_id, ticket, self._at.recipe(session, ticket), held)

    def _move(self, job: Job, task: Task) -> bool:
        ticket = job.ticket
        if ticket.is_over:
            return self._closing.close(job)
        if ticket.state is TicketState.QUEUED:
            self._begin(job, task)
        elif ticket.state is TicketState.RUNNING:
            self._run(job, task)
        elif ticket.state is TicketState.EVALUATING:
            self._evaluating.conclude(job, lambda words: self._say(job, 0.9, words))
        else:
            raise Conflict(
                f"This ticket is {ticket.state.value.replace('_', ' ')}; nothing is due."
            )
        return False

    def _begin(self, job: Job, task: Task) -> None:
        if job.ticket.recalled_by or task.cancel_requested_at is not None:
            self._close(job.held.fence, TicketState.CANCELLED, f"It was cancelled; {STAYS}.")
        elif not self._queue.begin(job.held.fence):
            time.sleep(ELSEWHERE)

    def _run(self, job: Job, task: Task) -> None:
        ready = self._preparing.known(job.ticket)
        with self._at.store.reading() as session:
            attempts = self._at.tickets.attempts(session, job.id)
            seen = repository.seen(session, attempts[-1].attempt_id) if attempts else None
        recalled = job.ticket.recalled_by or ("task" if task.cancel_requested_at else "")
        now = self._at.store.clock.now()
        follows = following(attempts, seen, recalled, job.recipe.max_attempts, now)
        if isinstance(follows, Close):
            self._close(job.held.fence, follows.state, follows.words)
        elif isinstance(follows, Evaluate):
            self._evaluating.begin(job)
        elif ready is None:
            say = lambda words: self._say(job, 0.05, words)  # noqa: E731 - one line says it
            log = self._at.jobs / f"{job.task_id}.log"
            self._preparing.prepare(job.ticket, job.recipe, job.held, say, log)
        elif isinstance(follows, Watch):
            self._training.watch(job, ready, follows.attempt)
        else:
            self._try(job, ready, follows)

    def _try(self, job: Job, ready: Prepared, follows: Try) -> None:
        """Make the next attempt, when it is time and there is money for it."""
        if follows.seconds > 0:
            time.sleep(min(follows.seconds, AGAIN))
            return
        with self._at.store.reading() as session:
            rules = self._at.rules(session, job.ticket)
            attempts = self._at.tickets.attempts(session, job.id)
        engine, now = self._at.engines(job.ticket.engine), self._at.store.clock.now()
        spot = on_spot(job.recipe.needs, attempts, engine.capabilities)
        with self._at.store.reading() as session:
            per_hour = self._at.costs.per_hour(session, job.ticket, job.recipe, spot=spot)
        used = spending(job.ticket, attempts, None, per_hour, job.recipe.needs.gpus, now)
        over = over_budget(limits(rules, job.recipe, engine.capabilities), used)
        over = over if rules.stops else None
        over = over_budget(Limits(rules.hard), used) or over
        if over is not None:
            words = f"{over.words.rstrip('.')}; {STAYS}."
            self._close(job.held.fence, TicketState.STOPPED_BUDGET, words)
            return
        self._attempting.begin(job, ready, spot=spot)

    def _close(self, fence: Fence, state: TicketState, words: str) -> None:
        with self._at.store.unit(SYSTEM) as unit:
            self._at.tickets.closed(unit, fence, state, words)
        crash("closed")

    def _say(self, job: Job, share: float, words: str) -> None:
        Journal(self._at.tasks, self._at.archive, job.task_id, self._at.jobs).say(share, words)
