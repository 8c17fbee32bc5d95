"""The real worker carries a ticket out: killed in the middle, it finds the training where it left it."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.decisions.retraining.types import AttemptState, TicketState
from services.facts.evidence.types import EvidenceKind
from services.workflows.retraining import repository
from tests.support.forge import open_forge, saved_model
from tests.support.forge_worker import asked, data_for, worker

pytestmark = [pytest.mark.timeout(500), pytest.mark.xdist_group("forge")]


def until(what: Callable[[], bool], seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.1)


def test_a_training_goes_on_while_its_worker_is_killed_and_ends_no_better(
    tmp_path: Path, mlflow_url: str
) -> None:
    saved, log = saved_model(tmp_path / "saved"), tmp_path / "worker.log"
    forge = open_forge(tmp_path / "home", mlflow_url)
    forge.policy()
    forge.model("late-worker", saved)
    forge.recipe("late-worker", saved, **data_for(tmp_path), steps=200, pause=0.1)
    ticket = asked(forge, "late-worker", "one")

    def runs() -> bool:
        tries = forge.attempts(ticket)
        return bool(tries) and tries[0].state is AttemptState.RUNNING

    first = worker(forge, log)
    until(runs, 200, log)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    again = worker(forge, log)
    try:
        until(lambda: forge.standing(ticket).is_over, 200, log)
        done = forge.standing(ticket)
        until(lambda: forge.services.tasks.get(done.task_id).is_over, 60, log)
    finally:
        os.killpg(again.pid, signal.SIGTERM)
        again.wait(timeout=30)
    assert done.state is TicketState.NO_BETTER, done.state_reason
    (attempt,) = forge.attempts(ticket)
    assert attempt.state is AttemptState.SUCCEEDED
    assert attempt.resumed_from == ""
    with forge.services.store.reading() as session:
        base = done.base
        assert base is not None
        filed = forge.services.evidence.latest_by_kind(session, base)
        seen = repository.seen(session, attempt.attempt_id)
    assert {EvidenceKind.LEAKAGE, EvidenceKind.TRAINING_REPORT} <= {EvidenceKind(k) for k in filed}
    assert seen is not None
    assert seen.step == 200
    forge.close()
