"""An alias moved behind our back is recorded once for each move; a promotion of our own never is."""

from pathlib import Path

import pytest

from services.kernel.clock import FixedClock
from services.kernel.identity import Role, Tier
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME
from tests.support.office import Office, open_office


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    return open_office(store, tmp_path, clock, Tier.MEDIUM)


def promoted(office: Office, version: int = 1) -> None:
    review = office.ask(version)
    signer = office.hire(f"Vera{version} Validator", Role.VALIDATOR)
    outcome = office.sign(signer, review, acknowledged=office.worse(review))
    assert outcome.task_id is not None
    office.carry_out(outcome.task_id)


def look(office: Office) -> list[tuple[str, int | None, int | None]]:
    office.services.clock.advance(30)
    office.sync.look()
    return [(b.alias, b.version, b.approved) for b in office.reconciler().look()]


def moved(office: Office, alias: str, version: int | None) -> None:
    aliases = office.mlflow.models[NAME].aliases
    aliases.pop(alias, None)
    if version is not None:
        aliases[alias] = version


def test_our_own_promotion_is_no_bypass_before_during_and_after(office: Office) -> None:
    review = office.ask(1)
    signer = office.hire("Vera Validator", Role.VALIDATOR)
    outcome = office.sign(signer, review)
    assert outcome.task_id is not None
    assert look(office) == []
    moved(office, "champion", 1)  # the worker died between the move and its note
    assert look(office) == []
    office.carry_out(outcome.task_id)
    assert look(office) == []
    assert office.events("alias:bypassed") == []
    assert office.mlflow.models[NAME].aliases == {"champion": 1}


def test_a_move_by_somebody_else_is_recorded_once(office: Office) -> None:
    promoted(office)
    moved(office, "champion", 2)
    assert look(office) == [("champion", 2, 1)]
    assert look(office) == []
    (said,) = office.events("alias:bypassed")
    assert (said.payload["observed"], said.payload["approved"]) == (2, 1)
    assert said.actor.kind == "system"


def test_a_move_by_somebody_else_opens_one_incident(office: Office) -> None:
    promoted(office)
    moved(office, "champion", 2)
    for _ in range(2):
        look(office)
    with office.services.store.reading() as session:
        (found,) = office.services.incidents.of_model(session, NAME)
        (line,) = office.services.incidents.entries(session, found.incident_id)
    assert (found.origin.value, found.severity.value, found.version) == ("bypass", "medium", 2)
    assert found.owner_id == office.olga.person_id
    assert line.text == "champion points at version 2; version 1 was signed for."


def test_an_alias_taken_away_opens_an_incident_about_no_version(office: Office) -> None:
    promoted(office)
    moved(office, "champion", None)
    look(office)
    with office.services.store.reading() as session:
        (found,) = office.services.incidents.of_model(session, NAME)
    assert (found.version, found.run_id) == (None, "")


def test_the_same_move_made_twice_is_recorded_twice(office: Office) -> None:
    promoted(office)
    for _ in range(2):
        moved(office, "champion", 2)
        assert look(office) == [("champion", 2, 1)]
        moved(office, "champion", 1)
        assert look(office) == []
    assert len(office.events("alias:bypassed")) == 2


def test_an_alias_taken_away_and_a_new_alias_are_bypasses(office: Office) -> None:
    promoted(office)
    moved(office, "champion", None)
    moved(office, "canary", 2)
    assert sorted(look(office), key=str) == [("canary", 2, None), ("champion", None, 1)]


def test_another_spelling_of_the_alias_does_not_hide_a_version(office: Office) -> None:
    promoted(office)
    moved(office, "CHAMPION", 2)
    assert look(office) == [("CHAMPION", 2, 1)]


def test_a_version_made_again_under_the_signed_number_is_a_bypass(office: Office) -> None:
    promoted(office)
    office.mlflow.forget(NAME)
    office.mlflow.add(NAME, run="fresh")
    moved(office, "champion", 1)
    assert look(office) == [("champion", 1, 1)]
    (said,) = office.events("alias:bypassed")
    assert said.payload["run_id"] == "fresh"


def test_models_that_nobody_governs_are_left_alone(office: Office) -> None:
    office.mlflow.models["churn-mobile"].aliases["champion"] = 1
    assert look(office) == []


def test_what_one_worker_recorded_another_does_not_record_again(office: Office) -> None:
    promoted(office)
    moved(office, "champion", 2)
    office.services.clock.advance(30)
    office.sync.look()
    one, other = office.reconciler(), office.reconciler()
    assert len(one.look()) == 1
    assert other.look() == []
    assert len(office.events("alias:bypassed")) == 1
