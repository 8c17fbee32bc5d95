"""The drift page as Streamlit draws it: every state of what may be known, and what follows a choice."""

from datetime import timedelta
from typing import Any

import pytest

from services.kernel.identity import SYSTEM, Role
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


def press(at: Any, label: str) -> None:
    next(b for b in at.button if b.label == label).click()
    at.run()
    assert not at.exception


def test_a_button_asks_the_worker_once_and_shows_how_far_it_is(
    services: Any, owner: Principal
) -> None:
    watch(services, days=4)
    at = opened(services, owner, "monitoring", name=NAME)
    press(at, "Measure now")
    press(at, "Evidently report")
    asked = {task.kind: task for task in services.tasks.open()}
    assert set(asked) == {"monitoring", "drift_report"}
    assert asked["monitoring"].payload["name"] == NAME
    assert asked["drift_report"].payload["since"] == (FIRST + timedelta(days=3)).isoformat()
    assert words(at).count("Waiting") == 2


def test_a_drill_down_shows_its_segments(services: Any, owner: Principal) -> None:
    monitor = watch(services, days=4)
    at = opened(services, owner, "monitoring", name=NAME, feature="obrat")
    next(s for s in at.selectbox if s.label == "Split by").set_value("f_carrier")
    at.run()
    press(at, "Drill down")
    (task,) = services.tasks.open()
    assert task.payload["segment_column"] == "f_carrier"
    assert task.payload["since"] == FIRST.isoformat()
    row = {"start": FIRST.isoformat(), "n": 90, "value": 0.3, "lo": 0.3, "hi": 0.3, "floor": 0.1}
    few = {"start": FIRST.isoformat(), "n": 4, "value": None, "lo": None, "hi": None}
    parts = [{"segment": "UA", "rows": [row]}, {"segment": "<b>B6</b>", "rows": [few]}]
    services.tasks.start(task.task_id)
    services.tasks.succeed(task.task_id, {"segments": parts})
    again = opened(services, owner, "monitoring", name=NAME)
    assert not again.exception
    assert monitor.monitor_id == task.subject_id
    assert "hatched: too few rows" in words(again)
    assert "f_carrier" in at.query_params["split"]
    shown = {"name": NAME, "feature": "obrat", "split": "carrier"}
    assert "obrat by carrier" in words(opened(services, owner, "monitoring", **shown))
    other = opened(services, owner, "monitoring", **{**shown, "split": "origin"})
    assert "obrat by carrier" not in words(other), "another question has another answer"
    assert next(s for s in other.selectbox if s.label == "Split by").value == "origin"


def test_a_report_is_a_download_with_its_scores_beside_ours(
    services: Any, owner: Principal
) -> None:
    watch(services, days=4)
    press(opened(services, owner, "monitoring", name=NAME), "Evidently report")
    (task,) = services.tasks.open()
    score = {
        "column": "f_obrat",
        "method": "wasserstein",
        "score": 0.4,
        "threshold": 0.1,
        "detected": True,
    }
    sha = services.archive.put(b"<html><script>alert(1)</script></html>")
    services.tasks.start(task.task_id)
    services.tasks.succeed(task.task_id, {"html_sha256": sha, "scores": [score], "rows": 900, "sampled": False})  # fmt: skip
    at = opened(services, owner, "monitoring", name=NAME)
    assert not at.exception
    said = words(at)
    assert "obrat" in said
    assert "0.400" in said
    assert "<script>" not in said
    assert "Download the report" in str(at.main)


def test_reading_rows_is_an_event_and_only_the_asker_sees_them(
    services: Any, owner: Principal
) -> None:
    watch(services, days=4)
    press(opened(services, owner, "monitoring", name=NAME), "Show raw rows")
    (task,) = services.tasks.open()
    assert task.payload["rows"] is True
    with services.store.reading() as session:
        (event,) = services.trail.search(session, action="sensitive:read")
    assert event.actor.id == owner.person_id
    services.tasks.start(task.task_id)
    services.tasks.succeed(task.task_id, {"columns": ["prediction_id"], "rows": [["p-secret"]]})
    mine = opened(services, owner, "monitoring", name=NAME)
    assert "p-secret" in str(mine.dataframe[0].value.to_numpy())
    vera = person(services, "Vera Validator", Role.VALIDATOR)
    assert not opened(services, vera, "monitoring", name=NAME).dataframe
    services.accounts.grant(SYSTEM, owner.person_id, Role.VIEWER)
    services.accounts.revoke(SYSTEM, owner.person_id, Role.OWNER)
    with services.store.reading() as session:
        now = services.clock.now()
        left = services.accounts.principal(session, owner.person_id, "s1", now)
    assert not opened(services, left, "monitoring", name=NAME).dataframe


def test_who_may_only_look_is_offered_nothing(services: Any, owner: Principal) -> None:
    watch(services, days=4)
    at = opened(services, person(services, "Vic Viewer", Role.VIEWER), "monitoring", name=NAME)
    assert not at.exception
    assert not [b.label for b in at.button]


@pytest.mark.parametrize("tab", ["Drift", "Service"])
def test_the_tabs_of_a_model_draw_what_is_watched_and_say_what_is_not(
    services: Any, owner: Principal, tab: str
) -> None:
    watch(services, days=6)
    seen = opened(services, owner, "model", name=NAME, version="1", tab=tab)
    assert not seen.exception
    assert "Simulated stream" in words(seen)
    other = opened(services, owner, "model", name=NAME, version="2", tab=tab)
    assert not other.exception
    assert "watches v2" in words(other)
