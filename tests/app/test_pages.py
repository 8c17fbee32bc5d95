"""The pages as Streamlit draws them, without a browser: what a person reads, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.kernel.identity import SYSTEM, Role
from tests.support.app import ROOT, opened, words
from tests.support.console_services import NAME, govern, measure, person


def test_the_bar_and_the_pages_follow_the_roles(services: Any) -> None:
    viewer = person(services, "Vic Viewer", Role.VIEWER)
    at = opened(services, viewer, "people")
    assert not at.exception
    assert "Not permitted" in words(at)
    assert "Accounts" not in words(at)


def test_a_session_that_ended_shows_nothing(services: Any) -> None:
    viewer = person(services, "Vic Viewer", Role.VIEWER)
    at = opened(services, viewer)
    services.accounts.disable(SYSTEM, viewer.person_id)
    at.run()
    assert "session has ended" in words(at)
    assert not at.title


def test_home_opens_for_everybody_with_a_role(services: Any) -> None:
    at = opened(services, person(services, "Vic Viewer", Role.VIEWER))
    assert not at.exception
    assert at.title[0].value == "Home"


def test_the_inventory_lists_what_is_governed_and_what_is_not(services: Any) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    govern(services, owner)
    at = opened(services, owner, "models")
    assert not at.exception
    assert [row.split(" ")[0] for row in at.dataframe[0].value["Model"]] == [NAME]
    assert "Not yet governed" in words(at)


def test_governance_begins_with_one_form(services: Any) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    at = opened(services, owner, "models", govern="churn-mobile")
    at.text_input[0].set_value("Keep customers")
    next(t for t in at.text_input if t.label == "Reason for the tier").set_value("No harm")
    at.text_area[0].set_value("Call centre")
    next(s for s in at.selectbox if s.label == "Tier").set_value("low")
    next(b for b in at.button if b.label == "Begin governance").click()
    at.run()
    with services.store.reading() as session:
        found = services.governance.of(session, "churn-mobile")
    assert found is not None
    assert found.tier == "low"


def test_a_form_without_a_tier_says_what_to_correct_and_keeps_what_was_typed(services: Any) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    at = opened(services, owner, "models", govern="churn-mobile")
    at.text_area[0].set_value("Call centre")
    next(b for b in at.button if b.label == "Begin governance").click()
    at.run()
    assert "Please correct this" in words(at)
    assert at.text_area[0].value == "Call centre"


@pytest.mark.parametrize(
    "tab",
    ["Overview", "Card", "Lineage", "Performance", "Fairness", "Explanations", "Drift",
     "Service", "Decisions", "Evidence", "Activity"],
)  # fmt: skip
@pytest.mark.parametrize("measured", [True, False])
def test_every_tab_opens_with_and_without_evidence(services: Any, tab: str, measured: bool) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    govern(services, owner)
    if measured:
        measure(services, 2, ratio=0.7)
    at = opened(services, owner, "model", name=NAME, version="2", tab=tab)
    assert not at.exception
    assert "Something broke" not in words(at)
    assert "<img" not in words(at).replace("\\<img", "")


def test_an_unknown_model_says_where_to_look(services: Any) -> None:
    at = opened(services, person(services, "Olga Owner", Role.OWNER), "model", name="nobody")
    assert "Not found" in words(at)


def test_pressing_measure_asks_the_worker_once(services: Any) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    govern(services, owner)
    at = opened(services, owner, "model", name=NAME, version="2")
    next(b for b in at.button if b.label == "Measure").click()
    at.run()
    assert len(services.tasks.open()) == 1
    assert "Waiting" in words(at)


def test_the_card_is_edited_by_section_and_kept_as_a_revision(services: Any) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    govern(services, owner)
    at = opened(services, owner, "model", name=NAME, version="2", tab="Card", edit="limitations")
    at.text_area[0].set_value("Not for business loans.")
    next(b for b in at.button if b.label == "Save section").click()
    at.run()
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 2)
        assert services.cards.current(session, ref).fields["limitations"].text.startswith("Not for")


def test_the_trail_verifies_on_demand(services: Any) -> None:
    at = opened(services, person(services, "Aud Auditor", Role.AUDITOR), "trail")
    next(b for b in at.button if b.label == "Verify the chain now").click()
    at.run()
    assert "events verify" in words(at)


def test_system_health_opens_for_an_operator(services: Any) -> None:
    at = opened(services, person(services, "Otto Operator", Role.OPERATOR), "system")
    assert not at.exception
    assert "Sandbox" in words(at)


def test_an_administrator_makes_a_sign_in_link(services: Any) -> None:
    admin = person(services, "Ann Admin", Role.ADMINISTRATOR)
    other = person(services, "Ola Other", Role.VIEWER)
    at = opened(services, admin, "people", person=other.person_id)
    next(b for b in at.button if b.label == "Make a sign-in link").click()
    at.run()
    assert "/session/link/" in at.code[0].value


@pytest.mark.parametrize("page", ["catalogue", "glossary"])
def test_the_catalogues_open_and_find(services: Any, page: str) -> None:
    at = opened(services, person(services, "Vic Viewer", Role.VIEWER), page, find="impact ratio")
    assert not at.exception
    assert "mpact ratio" in words(at)


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("[a-z]*.py")), ids=lambda p: p.stem)
def test_a_page_file_draws_nothing_by_itself(path: Path) -> None:
    at = AppTest.from_file(str(path), default_timeout=60).run()
    assert not at.exception
    assert not at.main.children
