"""Watching an attempt while it runs, and stopping it where a guard says so."""

import contextlib
import time
from datetime import datetime

from services.decisions.retraining.types import Attempt, Ticket
from services.kernel.error import SourceUnavailable
from services.workflows.engine.types import Engine, EngineState, Handle, Status
from services.workflows.retraining import guarding, repository
from services.workflows.retraining.attempting import Attempting, handle_of
from services.workflows.retraining.crash import crash
from services.workflows.retraining.guarding import Limits, Stop, StopKind
from services.workflows.retraining.job import Job
from services.workflows.retraining.limits import limits, spending
from services.workflows.retraining.listening import Ear, Listening
from services.workflows.retraining.ports import Parts, Prepared

LOOK_EVERY, LOOK_FOR, ASK_AGAIN = 0.4, 25.0, 5.0
NEVER = "It was called off before its engine heard of it."
ASKED = "Somebody asked that it stops."


class Training:
    """Watches attempts, a while at a time."""

    def __init__(self, parts: Parts, listening: Listening, attempting: Attempting) -> None:
        self._at, self._listening, self._attempting = parts, listening, attempting
        self._said: dict[str, str] = {}

    def watch(self, job: Job, ready: Prepared, attempt: Attempt) -> None:
        """Watch an attempt until it is over, or for a while; one its engine never heard of is begun."""
        if not attempt.handle:
            self._submit(job, ready, attempt)
            return
        handle, engine = handle_of(attempt), self._at.engines(attempt.engine)
        until, asked_at = time.monotonic() + LOOK_FOR, float("-inf")
        while time.monotonic() < until:
            job.held.refuse()
            status = engine.poll(handle)
            ear = self._listening.listen(attempt, handle, engine, job.recipe.guards)
            if status.state.is_over:
                self._attempting.end(job, attempt, status)
                self._said.pop(job.task_id, None)
                return
            attempt = self._attempting.started(job, attempt, status)
            stop, warning = self._judge(job, attempt, status, ear)
            if stop is not None and time.monotonic() - asked_at > ASK_AGAIN:
                asked_at = time.monotonic()
                self._stop(attempt, handle, engine, stop)
            self._tell(job, attempt, status, ear, stop.words if stop else warning)
            time.sleep(LOOK_EVERY)

    def _submit(self, job: Job, ready: Prepared, attempt: Attempt) -> None:
        """Begin what was written down; what nobody wants any more is not begun first."""
        asked = self._asked(job.ticket, job.task_id)
        if asked is None:
            self._attempting.submit(job, ready, attempt)
        elif self._attempting.adopted(job, attempt) is None:
            self._attempting.give_up(job, attempt, NEVER)

    def _stop(self, attempt: Attempt, handle: Handle, engine: Engine, stop: Stop) -> None:
        """Note why, then ask the engine; one that does not answer is asked again."""
        self._listening.stop(attempt, stop)
        crash("stop_noted")
        with contextlib.suppress(SourceUnavailable):
            engine.cancel(handle, stop.words)

    def _judge(
        self, job: Job, attempt: Attempt, status: Status, ear: Ear
    ) -> tuple[Stop | None, str]:
        """Return a reason to stop, and a warning; what was used is written down on the way."""
        now = self._at.store.clock.now()
        self._listening.look(ear, status.usage)
        with self._at.store.reading() as session:
            ticket = self._at.tickets.get(session, job.id)
            rules = self._at.rules(session, ticket)
            per_hour = self._at.costs.per_hour(session, ticket, job.recipe, spot=attempt.spot)
            attempts = self._at.tickets.attempts(session, job.id)
            before = repository.seen(session, attempt.attempt_id)
        used = spending(ticket, attempts, status, per_hour, job.recipe.needs.gpus, now)
        most = limits(rules, job.recipe, self._at.engines(attempt.engine).capabilities)
        over = guarding.over_budget(most, used, LOOK_EVERY)
        warning, sleeps = guarding.idle(status.usage, ear.asleep_since, now, stops=rules.stops_idle)
        if over is not None and over.kind is StopKind.BUDGET and not rules.stops:
            over, warning = None, over.words
        over = guarding.over_budget(Limits(rules.hard), used, LOOK_EVERY) or over
        close = guarding.nearly(Limits((*most.caps, *rules.hard)), used)
        warning = warning or close
        self._listening.write(attempt, ear, status, used.accrued(), warning)
        known = None
        if before is not None and before.stop_kind:
            known = Stop(StopKind(before.stop_kind), before.stop_words)
        first = known or self._asked(ticket, job.task_id) or over
        return first or self._heard(job, status, ear, now) or sleeps, warning

    def _heard(self, job: Job, status: Status, ear: Ear, now: datetime) -> Stop | None:
        """Return what the log, or its silence, says against going on."""
        guards = job.recipe.guards
        lost = guarding.diverged(ear.heard, guards)
        if lost is None and status.state is EngineState.RUNNING:
            return guarding.silent(ear.line_at, now, guards)
        return lost

    def _asked(self, ticket: Ticket, task_id: str) -> Stop | None:
        if ticket.recalled_by or self._at.tasks.get(task_id).cancel_requested_at is not None:
            return Stop(StopKind.CANCELLED, ASKED)
        return None

    def _tell(self, job: Job, attempt: Attempt, status: Status, ear: Ear, more: str) -> None:
        words = f"Attempt {attempt.number} is {status.state.value}"
        if ear.heard.step is not None:
            words += f", step {ear.heard.step:g}"
        said = ". ".join(each.rstrip(".") for each in (words, status.reason, more) if each)
        if self._said.get(job.task_id) != said:
            self._said[job.task_id] = said
            self._at.tasks.progress(job.task_id, 0.5, said)
