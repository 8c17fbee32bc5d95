"""What is left to do when a ticket is over: nothing of it runs, nothing of it is half open."""

import contextlib
import shutil
import time

from services.decisions.retraining.types import Attempt, AttemptState, TicketState
from services.kernel.error import SourceUnavailable
from services.kernel.identity import SYSTEM
from services.workflows.measurement.journal import Journal
from services.workflows.retraining import repository
from services.workflows.retraining.attempting import Attempting, handle_of
from services.workflows.retraining.crash import crash
from services.workflows.retraining.evaluating import ref_of
from services.workflows.retraining.job import Job
from services.workflows.retraining.ports import JOB_TAG, Parts
from services.workflows.retraining.runs import Runs
from services.workflows.retraining.versions import Versions

OPEN = (AttemptState.PENDING, AttemptState.RUNNING, AttemptState.UNKNOWN)
TRAINED = (TicketState.REGISTERED, TicketState.NO_BETTER)
WAIT_FOR = 20.0
NEVER = "Its engine never heard of it."


class Closing:
    """Ends what belongs to a ticket that is over; all of it may be done again."""

    def __init__(self, parts: Parts, runs: Runs, attempting: Attempting) -> None:
        self._at, self._runs, self._attempting = parts, runs, attempting
        self._versions = Versions(parts)

    def close(self, job: Job) -> bool:
        """Tell whether everything of a ticket is ended; ask again when it is not yet."""
        ticket = job.ticket
        if not self.nothing_runs(job):
            return False
        with self._at.store.reading() as session:
            attempts = self._at.tickets.attempts(session, job.id)
        if ticket.run_id or attempts or self._at.folder(job.id).exists():
            self._versions.close(ticket.model, job.id, ticket.result_version)
            self._runs.end(ticket)
            crash("run_ended")
        words = self._after(job)
        crash("after")
        with self._at.store.operational() as session:
            for attempt in attempts:
                repository.forget(session, attempt.attempt_id)
        if ticket.state in TRAINED and (self._at.folder(job.id) / "data").is_dir():
            self._at.data.keep(job.recipe, self._at.folder(job.id) / "data")
        shutil.rmtree(self._at.folder(job.id), ignore_errors=True)
        self._end_task(job, words)
        return True

    def nothing_runs(self, job: Job) -> bool:
        """Stop every attempt that is not over; tell whether all are."""
        with self._at.store.reading() as session:
            attempts = self._at.tickets.attempts(session, job.id)
        return all(self._ended(job, each) for each in attempts if each.state in OPEN)

    def _ended(self, job: Job, attempt: Attempt) -> bool:
        """Stop an attempt of a ticket that is over, and wait a while until it is."""
        try:
            known = self._attempting.adopted(job, attempt)
        except SourceUnavailable:
            return False
        if known is None:
            self._attempting.give_up(job, attempt, NEVER)
            return True
        attempt = known
        handle, engine = handle_of(attempt), self._at.engines(attempt.engine)
        with contextlib.suppress(SourceUnavailable):
            engine.cancel(handle, job.ticket.state_reason or "Its ticket is over.")
        until = time.monotonic() + WAIT_FOR
        while time.monotonic() < until:
            job.held.refuse()
            status = engine.poll(handle)
            if status.state.is_over:
                self._attempting.end(job, attempt, status)
                return True
            time.sleep(0.1)
        return False

    def _after(self, job: Job) -> str:
        """Ask for what follows a new version: its measurement, its review."""
        ticket = job.ticket
        if ticket.state is not TicketState.REGISTERED or ticket.result_version is None:
            return ticket.state_reason
        tagged = self._at.tracking.versions_tagged(ticket.model, JOB_TAG, job.id)
        made = next((each for each in tagged if each.version == ticket.result_version), None)
        if made is None:
            return f"Version {ticket.result_version} is gone from MLflow."
        return self._at.afterwards(ticket, ref_of(made))

    def _end_task(self, job: Job, words: str) -> None:
        ticket, tasks = job.ticket, self._at.tasks
        journal = Journal(tasks, self._at.archive, job.task_id, self._at.jobs)
        said = words or ticket.state.value.replace("_", " ")
        journal.say(None, said)
        log = journal.archive()
        if ticket.state in TRAINED:
            result = {"state": ticket.state.value, "version": ticket.result_version, "words": said}
            tasks.succeed(job.task_id, result, log)
        elif ticket.state is TicketState.CANCELLED:
            tasks.cancelled(job.task_id, SYSTEM, log)
        else:
            tasks.fail(job.task_id, said, log)
