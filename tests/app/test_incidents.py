"""Incidents and suspensions as people meet them: opened, handled, closed; a version taken out and brought back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.decisions.incident.types import (
    Harm,
    Incident,
    IncidentForm,
    IncidentState,
    Severity,
)
from services.kernel.clock import FixedClock
from services.kernel.identity import Role, Tier
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.app import PASSWORD, opened, words
from tests.support.console_services import NAME, govern, person
from tests.support.office import Office, open_office

HOSTILE = "<img src=x onerror=alert(1)> **bold** $x$ [a](javascript:b)"


@pytest.fixture
def owner(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER)
    govern(services, made, Tier.LOW)
    return made


def field(at: AppTest, label: str) -> Any:
    fields = [*at.text_input, *at.text_area, *at.selectbox]
    return next(each for each in fields if each.label == label)


def press(at: AppTest, label: str) -> AppTest:
    next(each for each in at.button if each.label == label).click()
    return at.run()


def raised(services: Any, who: Principal, **more: Any) -> Incident:
    form = IncidentForm(
        NAME, 2, more.pop("title", "Loans refused"), "Nobody was granted a loan.", Severity.HIGH,
        more.pop("harm", Harm.UNKNOWN),
    )  # fmt: skip
    found: Incident = services.incidents.open(who, form, more.pop("key", "one"))
    return found


def standing(services: Any) -> Incident:
    with services.store.reading() as session:
        (found,) = services.incidents.list(session)
    return found


def page(services: Any, who: Principal, incident: Incident) -> AppTest:
    return opened(services, who, "incidents", id=incident.incident_id)


def test_an_incident_is_opened_by_its_form(services: Any, owner: Principal) -> None:
    at = opened(services, owner, "incidents", model=NAME, version="2", open="1")
    field(at, "Title").set_value(HOSTILE)
    field(at, "What happened").set_value("Nobody was granted a loan.")
    press(at, "Open incident")
    assert not at.exception
    found = standing(services)
    assert (found.title, found.version, found.severity) == (HOSTILE, 2, Severity.HIGH)
    listed = opened(services, owner, "incidents")
    assert "1 open" in words(listed)
    assert not listed.exception


def test_what_cannot_be_used_is_said_and_what_was_typed_stays(
    services: Any, owner: Principal
) -> None:
    at = opened(services, owner, "incidents", open="1")
    field(at, "Title").set_value("Loans refused")
    field(at, "Version").set_value("two")
    press(at, "Open incident")
    assert "A version is a number" in words(at)
    assert field(at, "Title").value == "Loans refused"
    field(at, "Version").set_value("")
    field(at, "What happened").set_value("It was refused.")
    field(at, "Known since (UTC)").set_value("yesterday")
    press(at, "Open incident")
    assert "Write an instant as" in words(at)


def test_it_is_handled_from_the_page_until_it_is_closed(services: Any, owner: Principal) -> None:
    held = raised(services, owner, harm=Harm.DEATH)
    at = page(services, owner, held)
    assert "10 days left" in words(at)
    field(at, "Note").set_value("Called the bank.")
    at = press(at, "Write it down")
    assert "Called the bank." in words(at)
    assert field(at, "Note").value == ""
    field(at, "To be done").set_value("Write to those refused")
    at = press(at, "Add")
    field(at, "Reason").set_value("The old version is back.")
    at = press(at, "Mark as mitigated")
    assert standing(services).state is IncidentState.MITIGATED
    at = press(at, "Mark as done: Write to those refused")
    for label in ("What caused it", "What was done", "What prevents it"):
        field(at, label).set_value("A column was renamed.")
    at = press(at, "Close incident")
    assert not at.exception
    assert standing(services).state is IncidentState.CLOSED
    assert "Post-mortem" in words(at)


@pytest.mark.parametrize("label", ["Write it down", "Add", "Mark as mitigated", "Judge"])
def test_a_form_that_is_refused_leaves_the_others_where_they_are(
    services: Any, owner: Principal, label: str
) -> None:
    at = page(services, owner, raised(services, owner))
    drawn = {each.label for each in at.button}
    field(at, "Known since (UTC)").set_value("yesterday")
    at = press(at, label)
    assert not at.exception
    assert {each.label for each in at.button} == drawn
    assert "Please correct this" in words(at)


def test_the_authority_and_the_class_are_written_down(services: Any, owner: Principal) -> None:
    held = raised(services, owner)
    at = page(services, owner, held)
    assert "Harm not judged" in words(at)
    field(at, "Harm").set_value(Harm.INFRASTRUCTURE)
    at = press(at, "Judge")
    assert "2 days left" in words(at)
    field(at, "Member state").set_value("IE")
    at = press(at, "Save")
    at = press(at, "The authority was told")
    assert "Reported 14 Mar 2026" in words(at)
    assert standing(services).particulars == {"member_state": "IE"}


@pytest.mark.parametrize("role", ["viewer", "stakeholder", "auditor", "administrator"])
def test_who_may_not_handle_it_reads_it(services: Any, owner: Principal, role: str) -> None:
    held = raised(services, owner, title=HOSTILE)
    at = page(services, person(services, "Pat Person", Role(role)), held)
    assert not at.exception
    assert "handles it" in words(at)
    assert "Write it down" not in [each.label for each in at.button]


@pytest.mark.parametrize("asked", ["nothing", "'; DROP TABLE incident; --", "0" * 4000])
def test_an_incident_that_is_not_there_is_said_to_be_missing(
    services: Any, owner: Principal, asked: str
) -> None:
    at = opened(services, owner, "incidents", id=asked)
    assert not at.exception
    assert "Not found" in words(at)


# suspension


@pytest.fixture
def office(
    sqlite_store: Store, tmp_path: Path, clock: FixedClock, serve: Callable[[Any], Any]
) -> Office:
    """A house whose champion is version 2, promoted over version 1."""
    office = open_office(sqlite_store, tmp_path, clock, Tier.MEDIUM)
    vera = office.hire("Vera Validator", Role.VALIDATOR)
    for version in (1, 2):
        review = office.ask(version)
        outcome = office.sign(vera, review, acknowledged=office.worse(review))
        assert outcome.task_id is not None
        office.carry_out(outcome.task_id)
    serve(office.services)
    return office


def decisions(office: Office, who: Principal, **more: str) -> AppTest:
    return opened(office.services, who, "model", name=NAME, version="2", tab="Decisions", **more)


def carry_out(office: Office) -> None:
    (task,) = office.services.tasks.open("batch")
    office.carry_out(task.task_id)


def sign(at: AppTest, button: str, choice: str) -> AppTest:
    """Fill the one form that there is, and send it."""
    fields = [each for each in at.selectbox if any(choice in o for o in each.options)]
    fields[0].select(next(o for o in fields[0].options if choice in o))
    for each in [*at.text_area, *at.text_input]:
        if each.label == "Reason":
            each.set_value("It refuses too many of one group.")
        elif each.label == "Password":
            each.set_value(PASSWORD)
    return press(at, button)


def test_a_version_is_suspended_and_brought_back_from_the_pages(office: Office) -> None:
    pia = office.hire("Pia Approver", Role.APPROVER)
    at = press(decisions(office, pia), "Suspend")
    assert "Roll back" not in [each.label for each in at.button]
    assert "goes back to v1" in str([each.options for each in at.selectbox])
    at = sign(at, "Suspend", "v2 on champion")
    assert not at.exception
    with office.services.store.reading() as session:
        review = office.services.reviews.list(session)[-1]
    said = words(opened(office.services, pia, "review", id=review.review_id))
    assert "Suspend mortgage-approval v2 on champion, which goes back to v1." in said.replace(
        "\\", ""
    )
    carry_out(office)
    at = decisions(office, pia)
    assert "v2 is suspended since 14 Mar 2026" in words(at)
    assert "ends its suspension" in str([each.options for each in at.selectbox])
    sign(at, "Roll back", "→ v2")
    carry_out(office)
    assert office.mlflow.models[NAME].aliases == {"champion": 2}
    assert "is suspended since" not in words(decisions(office, pia))


def test_a_removed_alias_is_our_own_move_and_nothing_is_in_production(office: Office) -> None:
    otto = office.hire("Otto Operator", Role.OPERATOR)
    for choice in ("v2 on champion", "v1 on champion"):
        sign(decisions(office, otto, suspend="1"), "Suspend", choice)
        carry_out(office)
    said = words(decisions(office, otto))
    assert "No version is in production" in said
    assert "champion: v1 → nothing" in said.replace("\\", "")
    assert "outside" not in said
    assert "Roll back" not in [each.label for each in decisions(office, otto).button]


@pytest.mark.parametrize("role", ["viewer", "owner", "validator", "auditor", "administrator"])
def test_who_may_not_suspend_reads_who_may(office: Office, role: str) -> None:
    at = decisions(office, office.hire("Pat Person", Role(role)), suspend="1")
    assert "An operator or an approver of this model may suspend" in words(at)
    assert "Suspend" not in [each.label for each in at.button]


def test_the_model_leads_to_its_incidents(office: Office) -> None:
    raised(office.services, office.olga)
    at = decisions(office, office.olga)
    assert not at.exception
    labels = [each.label for each in at.get("page_link")]
    assert {"1 open incident", "Open an incident"} <= set(labels)
