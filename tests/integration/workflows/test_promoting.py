"""The steps of a promotion when MLflow does not do as it is told, on each engine."""

from pathlib import Path

import pytest

from services.decisions.promotion.types import PromotionState
from services.decisions.review.types import SignOutcome
from services.kernel.clock import FixedClock
from services.kernel.error import SourceUnavailable
from services.kernel.identity import Role, Tier
from services.record.trail.unit_of_work import Store
from services.workflows.types import StepFailed
from tests.support.console_services import NAME
from tests.support.office import Office, open_office


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    return open_office(store, tmp_path, clock, Tier.MEDIUM)


@pytest.fixture
def task(office: Office) -> str:
    """A promotion that was signed for and waits for the worker."""
    outcome: SignOutcome = office.sign(office.hire("Vera Validator", Role.VALIDATOR), office.ask())
    assert outcome.task_id is not None
    return outcome.task_id


def state(office: Office, task: str) -> PromotionState:
    promotion_id = str(office.services.tasks.get(task).payload["promotion_id"])
    with office.services.store.reading() as session:
        return office.services.promotions.get(session, promotion_id).state


def failure(office: Office) -> str:
    (event,) = office.events("promotion:failed")
    return str(event.payload["reason"])


def set_calls(office: Office) -> int:
    return sum(call.startswith("set ") for call in office.mlflow.asked)


def test_every_step_may_be_done_again_and_moves_the_alias_once(office: Office, task: str) -> None:
    steps = office.promoting()
    office.services.tasks.start(task)
    for _ in range(3):
        steps.authorise(task)
        steps.apply(task)
    for _ in range(2):
        steps.finish(task)
    assert set_calls(office) == 1
    assert [len(office.events(w)) for w in ("promotion:applied", "alias:moved")] == [1, 1]
    assert office.services.tasks.get(task).state.value == "succeeded"
    assert list(office.mlflow.tags[NAME, 2]) == ["countersign.promotion"]


def test_an_alias_that_was_set_before_the_note_is_not_set_again(office: Office, task: str) -> None:
    office.mlflow.models[NAME].aliases["champion"] = 2  # the worker died after the call
    office.carry_out(task)
    assert set_calls(office) == 0
    assert state(office, task) is PromotionState.APPLIED


def test_an_alias_that_somebody_moved_meanwhile_is_left_alone(office: Office, task: str) -> None:
    office.mlflow.models[NAME].aliases["champion"] = 1
    office.carry_out(task)
    assert state(office, task) is PromotionState.FAILED
    assert "points at version 1 now" in failure(office)
    assert office.mlflow.models[NAME].aliases == {"champion": 1}


def test_other_files_than_those_signed_are_not_promoted(
    office: Office, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.support.fake_mlflow.write_files",
        lambda version, into: (into.mkdir(parents=True), (into / "MLmodel").write_text("other")),
    )
    office.carry_out(task)
    assert "not those that were signed" in failure(office)
    assert set_calls(office) == 0
    assert not any((office.folder / "jobs").iterdir())


@pytest.mark.parametrize("changed", ["gone", "another run", "another source"])
def test_another_version_than_the_one_signed_is_not_promoted(
    office: Office, task: str, changed: str
) -> None:
    if changed == "gone":
        office.mlflow.forget(NAME, 2)
    elif changed == "another run":
        office.mlflow.change(NAME, 2, run_id="fresh")
    else:
        office.mlflow.change(NAME, 2, source_uri="models:/m-elsewhere")
    office.carry_out(task)
    assert state(office, task) is PromotionState.FAILED
    assert set_calls(office) == 0


def test_an_outage_raises_so_that_the_step_is_done_again(office: Office, task: str) -> None:
    steps = office.promoting()
    steps.authorise(task)
    office.mlflow.down = "MLflow is in trouble (HTTP 503)."
    with pytest.raises(SourceUnavailable):
        steps.apply(task)
    assert state(office, task) is PromotionState.PENDING
    office.mlflow.down = ""
    steps.apply(task)
    assert state(office, task) is PromotionState.APPLIED


def test_an_alias_that_mlflow_does_not_keep_is_not_called_applied(
    office: Office, task: str
) -> None:
    office.mlflow.keeps = False
    steps = office.promoting()
    with pytest.raises(SourceUnavailable, match="did not keep"):
        steps.apply(task)
    assert state(office, task) is PromotionState.PENDING


def test_a_tag_that_cannot_be_written_is_said_and_fails_nothing(office: Office, task: str) -> None:
    steps = office.promoting()
    office.services.tasks.start(task)
    steps.authorise(task)
    steps.apply(task)
    office.mlflow.down = "MLflow does not answer in time."
    steps.finish(task)
    done = office.services.tasks.get(task)
    assert done.state.value == "succeeded"
    assert done.result is not None
    assert "the tag could not be written" in done.result["words"]


def test_what_failed_once_stays_failed_until_a_person_decides(office: Office, task: str) -> None:
    steps = office.promoting()
    for _ in range(2):
        steps.fail(task, StepFailed("Conflict", "Somebody moved it."))
    assert failure(office) == "Somebody moved it."
    assert steps.authorise(task) == {"go": False}
    assert steps.apply(task) == {"moved": False}
    assert set_calls(office) == 0
