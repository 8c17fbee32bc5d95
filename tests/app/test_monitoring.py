"""The drift page as Streamlit draws it: every state of what may be known, and what follows a choice."""

from datetime import timedelta
from typing import Any

import pytest

from services.kernel.identity import Role
from services.people.account.types import Principal
from tests.support.app import opened, words
from tests.support.console_services import NAME, govern, measure, person
from tests.support.windows import FIRST, watch


@pytest.fixture
def owner(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER)
    govern(services, made)
    measure(services, 1)
    return made


def test_a_model_that_nobody_watches_says_why_and_where_to_go(
    services: Any, owner: Principal
) -> None:
    at = opened(services, owner, "monitoring", name=NAME)
    assert not at.exception
    assert "No monitor" in words(at)


def test_a_monitor_without_a_window_says_when_the_first_comes(
    services: Any, owner: Principal
) -> None:
    watch(services, days=0)
    at = opened(services, owner, "monitoring", name=NAME)
    assert not at.exception
    assert "No window was measured yet" in words(at)


def test_the_page_tells_breach_gap_and_where_the_rows_come_from(
    services: Any, owner: Principal
) -> None:
    watch(services)
    at = opened(services, owner, "monitoring", name=NAME)
    assert not at.exception
    said = words(at)
    for expected in (
        "breaches",
        "not measured",
        "Simulated stream",
        "Beyond the limit",
        "limit 0.20",
    ):
        assert expected in said.replace("\\", ""), expected
    assert "<img" not in said.replace("\\<img", "")


@pytest.mark.parametrize("statistic", ["ks", "psi", "js", "wasserstein"])
def test_every_statistic_is_drawn(services: Any, owner: Principal, statistic: str) -> None:
    watch(services, days=8, segments=("carrier=UA",))
    query = {"statistic": statistic, "segment": "carrier=UA", "feature": "carrier"}
    at = opened(services, owner, "monitoring", name=NAME, **query)
    assert not at.exception
    assert "broke on our side" not in words(at)


def test_a_choice_goes_into_the_address(services: Any, owner: Principal) -> None:
    watch(services, days=8)
    at = opened(services, owner, "monitoring", name=NAME)
    next(s for s in at.selectbox if s.label == "Statistic").set_value("psi")
    at.run()
    next(s for s in at.selectbox if s.label == "Feature").set_value("temp")
    at.run()
    assert not at.exception
    assert at.query_params["statistic"] == "psi"
    assert at.query_params["feature"] == "temp"
    assert "Population stability index" in words(at)


def test_a_link_reproduces_two_windows_side_by_side(services: Any, owner: Principal) -> None:
    watch(services, days=8)
    here, there = ((FIRST + timedelta(days=d)).isoformat() for d in (6, 2))
    query = {"feature": "obrat", "window": here, "against": there}
    at = opened(services, owner, "monitoring", name=NAME, **query)
    assert not at.exception
    assert "from the two stored profiles" in words(at)


ODD = (
    {"version": "-1", "statistic": "<script>", "windows": "1e9", "until": "'; DROP TABLE"},
    {"window": "../..", "against": "\x00", "feature": "<img src=x>", "segment": "%00=&&&"},
    {"segment": "a=b", "metric": "performance.secret", "window": "2026-02-30T00:00:00+00:00"},
)


@pytest.mark.parametrize("query", ODD, ids=[str(n) for n in range(len(ODD))])
def test_an_address_that_somebody_made_up_breaks_nothing(
    services: Any, owner: Principal, query: dict[str, str]
) -> None:
    watch(services, days=3)
    at = opened(services, owner, "monitoring", name=NAME, **query)
    assert not at.exception
    assert "broke on our side" not in words(at)


def test_the_fleet_leads_to_the_model_and_lists_those_nobody_watches(
    services: Any, owner: Principal
) -> None:
    empty = opened(services, owner, "monitoring")
    assert "No model is watched" in words(empty)
    assert "no alias points at one" in words(empty)
    watch(services, days=3)
    at = opened(services, owner, "monitoring")
    assert not at.exception
    assert f"/monitoring?name={NAME}&version=1" in words(at)
