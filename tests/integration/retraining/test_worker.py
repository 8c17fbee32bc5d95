"""The real worker carries a ticket out: killed in the middle, it finds the training where it left it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from services.decisions.retraining.types import AttemptState, Cause, Ticket, TicketState, Trigger
from services.facts.evidence.types import EvidenceKind
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.types import Source
from services.workflows.retraining import repository
from tests.support.forge import Forge, open_forge, saved_model
from tests.support.workspace import ROOT

pytestmark = [pytest.mark.timeout(500), pytest.mark.xdist_group("forge")]


def rows(folder: Path, name: str, number: int, seed: int) -> Path:
    """Write rows whose outcome no single feature tells."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=number), random.normal(size=number)
    late = (a + b + random.normal(size=number) > 0).astype("int64")
    pd.DataFrame({"a": a, "b": b, "late": late}).to_parquet(folder / name, index=False)
    return folder / name


def worker(forge: Forge, log: Path) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERSIGN_", "MLFLOW_"))}
    settings = forge.services.settings
    environment = {
        **kept,
        "COUNTERSIGN_HOME": str(settings.home),
        "COUNTERSIGN_MLFLOW_URI": settings.mlflow,
        "COUNTERSIGN_TEST_LEASE_SECONDS": "4",
        "PYTHONPATH": str(ROOT),
    }
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "services.bootstrap.worker", "--lane", "batch"],
            cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


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
    train, holdout = (
        rows(tmp_path, "train.parquet", 400, 1),
        rows(tmp_path, "holdout.parquet", 300, 2),
    )
    source = Source(str(holdout), "late")
    sha256 = TrainingRows(None).load(source).sha256  # type: ignore[arg-type]
    forge.recipe(
        "late-worker", saved, data=str(train), holdout=str(holdout), sha256=sha256, steps=200,
        pause=0.1,
    )  # fmt: skip
    cause = Cause(Trigger.MANUAL, "late-worker:one", "The winter changed what flights look like.")
    ticket = forge.services.tickets.open_as("late-worker", cause)
    assert isinstance(ticket, Ticket)

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
