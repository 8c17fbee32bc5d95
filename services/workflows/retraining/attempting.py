"""Writing an attempt down, starting it, ending it: each once, whoever drives."""

import json
from dataclasses import asdict

from services.decisions.retraining.fence import Ending
from services.decisions.retraining.types import Attempt, AttemptState
from services.kernel.error import CountersignError, SourceUnavailable
from services.kernel.identity import SYSTEM
from services.workflows.engine.key import AttemptKey
from services.workflows.engine.types import (
    AttemptSpec,
    EngineState,
    Handle,
    Resources,
    Status,
)
from services.workflows.retraining.crash import crash
from services.workflows.retraining.job import Job
from services.workflows.retraining.listening import Ear, Listening, usage_of
from services.workflows.retraining.ports import Parts, Prepared


class Attempting:
    """The attempts at tickets, in the database and on their engines."""

    def __init__(self, parts: Parts, listening: Listening) -> None:
        self._at, self._listening = parts, listening

    def begin(self, job: Job, ready: Prepared, *, spot: bool = False) -> None:
        """Write the next attempt down, and start it, on spot or on a machine that stays.

        Notes
        -----
        The row is there before the engine hears of it: whoever finds it without a handle submits the
        same attempt again, and the engine starts it once.
        """
        with self._at.store.unit(SYSTEM) as unit:
            engine = job.ticket.engine
            attempt = self._at.tickets.intend(unit, job.held.fence, engine, spot=spot)
        crash("intended")
        self.submit(job, ready, attempt)

    def submit(self, job: Job, ready: Prepared, attempt: Attempt) -> None:
        """Start an attempt that was written down; one that its engine can never run has failed."""
        job.held.check()
        try:
            handle = self._at.engines(attempt.engine).submit(self._spec(job, ready, attempt))
        except SourceUnavailable:
            raise
        except CountersignError as error:
            self._finish(job, attempt, Status(EngineState.FAILED, error.message), None, "")
            return
        crash("submitted")
        self._note(job, attempt, handle)

    def started(self, job: Job, attempt: Attempt, status: Status) -> Attempt:
        """Note that an attempt runs, the first time that it is seen to."""
        if attempt.state is AttemptState.RUNNING or status.state is not EngineState.RUNNING:
            return attempt
        with self._at.store.unit(SYSTEM) as unit:
            return self._at.tickets.started(
                unit, job.held.fence, attempt.attempt_id, status.started_at
            )

    def end(self, job: Job, attempt: Attempt, status: Status) -> None:
        """End an attempt that its engine says is over; its whole log is kept."""
        handle, engine = handle_of(attempt), self._at.engines(attempt.engine)
        guards = job.recipe.guards
        ear = self._listening.listen(attempt, handle, engine, guards, to_end=True)
        self._listening.write(attempt, ear, status, None, "")
        log = self._listening.archive(attempt, handle, engine)
        self._finish(job, attempt, status, ear, log)

    def adopted(self, job: Job, attempt: Attempt) -> Attempt | None:
        """Return an attempt with the handle that its engine has; None when it never heard of it.

        Raises
        ------
        SourceUnavailable
            When nobody can tell; ask again.
        """
        if attempt.handle:
            return attempt
        key = AttemptKey(attempt.attempt_id, self._at.folder(job.id).absolute(), job.ticket.run_id)
        handle = self._at.engines(attempt.engine).find(key)
        return None if handle is None else self._note(job, attempt, handle)

    def give_up(self, job: Job, attempt: Attempt, words: str) -> None:
        """End an attempt of which no engine ever heard."""
        self._finish(job, attempt, Status(EngineState.LOST, words), None, "")

    def _note(self, job: Job, attempt: Attempt, handle: Handle) -> Attempt:
        stored = json.dumps(asdict(handle), sort_keys=True)
        with self._at.store.unit(SYSTEM) as unit:
            return self._at.tickets.submitted(unit, job.held.fence, attempt.attempt_id, stored)

    def _finish(
        self, job: Job, attempt: Attempt, status: Status, ear: Ear | None, log_sha256: str
    ) -> None:
        """End an attempt and write what it used into the ledger, in one transaction."""
        crash("over")
        with self._at.store.unit(SYSTEM) as unit:
            spent = self._at.costs.charge(unit, job.ticket, job.recipe, attempt, status)
            ending = Ending(
                state=AttemptState(status.state.value),
                reason=status.reason,
                exit_code=status.exit_code,
                finished_at=status.finished_at or unit.now,
                preempted=status.preempted,
                resumed_from=ear.heard.resumed_from if ear else "",
                usage=usage_of(status.usage),
                log_sha256=log_sha256,
                spent=spent,
            )
            self._at.tickets.finished(unit, job.held.fence, attempt.attempt_id, ending)
            crash("charged")

    def _spec(self, job: Job, ready: Prepared, attempt: Attempt) -> AttemptSpec:
        needs, kept = job.recipe.needs, job.recipe.keeps
        return AttemptSpec(
            attempt_id=attempt.attempt_id,
            job_id=job.id,
            number=attempt.number,
            command=ready.command,
            folder=self._at.folder(job.id).absolute(),
            resources=Resources(
                needs.cpus, needs.memory_gb, needs.gpus, needs.gpu_type, needs.seconds, attempt.spot
            ),
            environment={
                **self._at.tracking_environment,
                **ready.variables,
                "MLFLOW_RUN_ID": job.ticket.run_id,
            },
            image=ready.image,
            checkpoint=kept.dir,
            stop_signal=kept.signal,
        )


def handle_of(attempt: Attempt) -> Handle:
    """Return how the engine finds an attempt again."""
    return Handle(**json.loads(attempt.handle))
