"""A ticket from its opening to a registered version, in one process: real engine, real MLflow."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.decisions.retraining.types import AttemptState, TicketState
from services.workflows.retraining import repository
from services.workflows.retraining.ports import JOB_TAG
from tests.support.forge import Forge, open_forge, saved_model

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("forge")]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_model(tmp_path_factory.mktemp("saved") / "model")


@pytest.fixture
def forge(tmp_path: Path, mlflow_url: str) -> Iterator[Forge]:
    made = open_forge(tmp_path / "home", mlflow_url)
    made.policy()
    yield made
    made.tracking.close()
    made.services.store.database.close()


def test_a_ticket_is_quoted_trained_compared_and_registered_once(forge: Forge, saved: Path) -> None:
    forge.model("late-one", saved)
    forge.recipe("late-one", saved)
    ticket = forge.ticket("late-one")
    assert ticket.state is TicketState.QUEUED
    assert ticket.quote is not None
    assert ticket.quote.worst is not None
    done = forge.carry_out(ticket)
    assert done.state is TicketState.REGISTERED, done.state_reason
    assert done.result_version == 2
    (attempt,) = forge.attempts(done)
    assert attempt.state is AttemptState.SUCCEEDED
    assert b"::countersign::" in forge.services.archive.get(attempt.log_sha256)
    tagged = forge.tracking.versions_tagged("late-one", JOB_TAG, done.ticket_id)
    assert [each.version for each in tagged] == [2]
    (run,) = forge.tracking.runs([done.run_id])
    assert run.status == "FINISHED"
    assert run.metrics["loss"] == pytest.approx(1 / 3)
    assert forge.services.tasks.get(done.task_id).state.value == "succeeded"
    with forge.services.store.reading() as session:
        lines = forge.services.ledger.of_ticket(session, done.ticket_id)
        seen = repository.seen(session, attempt.attempt_id)
        filed = forge.services.evidence.by_id(session, done.report_evidence_id)
    assert {line.entry.use.sku for line in lines} == {"cpu", "memory"}
    assert seen is not None
    assert seen.step == 3
    assert filed.subject.version == 2
    assert forge.tracking.alias("late-one", "champion") == 1
