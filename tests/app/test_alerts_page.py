"""Alerts as a person sees and handles them."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.facts.window.types import WindowMetric
from services.judgement.alert.types import Alert, AlertState
from services.judgement.alert.words import message
from services.kernel.identity import SYSTEM, Role
from tests.support.app import opened, words
from tests.support.console_services import person
from tests.support.watching import DAY, POLICY, Watch, midnight, watch


@pytest.fixture
def house(services: Any) -> Watch:
    made = watch(services)
    made.drift(0.3, 0.31)
    return made


def press(at: AppTest, label: str, reason: str = "") -> AppTest:
    next(t for t in at.text_area if t.label == "Reason").set_value(reason)
    next(b for b in at.button if b.label == label).click()
    return at.run()


def stored(house: Watch) -> Alert:
    (alert,) = [each for each in house.all() if each.rule == "drift"]
    return alert


def test_open_alerts_are_listed_with_value_and_limit(services: Any, house: Watch) -> None:
    at = opened(services, house.olga, "alerts")
    assert not at.exception
    written = words(at)
    assert "1 alert" in written
    assert "0.310" in written
    assert "≤ 0.20" in written
    assert "critical" in written


def test_without_alerts_the_page_says_so(services: Any) -> None:
    at = opened(services, watch(services).olga, "alerts")
    assert not at.exception
    assert "No alert is in this state" in words(at)


def test_one_alert_says_what_when_and_what_is_asked(services: Any, house: Watch) -> None:
    at = opened(services, house.olga, "alerts", id=stored(house).alert_id)
    assert not at.exception
    assert at.title[0].value == "hrat\\: Kolmogorov-Smirnov distance"
    written = words(at)
    for part in (
        "0.310 \\[0.309, 0.310\\]",
        "retrain",
        "slack, pager",
        "Nothing moves by itself",
        "Rule out the sender first",
    ):
        assert part in written, part


def test_what_is_counted_is_a_whole_number_and_says_what_it_was(services: Any) -> None:
    house = watch(services)
    rule = "    - {id: written, metric: drift.skew_differences, over: 0, windows: 2 of 3}\n"
    text = (POLICY % (3, 0)).replace("    - {id: silence", f"{rule}    - {{id: silence")
    services.policies.publish(SYSTEM, text.encode())
    for _ in range(2):
        start = midnight(services.clock)
        services.clock.advance(DAY.total_seconds())
        metric, unit = "drift.skew_differences", "looks like Fahrenheit for Celsius"
        house.file(start, WindowMetric(start, start + DAY, metric, 1.0, 900, "hrat", method=unit))
    services.alerts.look()
    (alert,) = house.open()
    assert alert.limit == "≤ 0"
    (told,) = message(alert, "raised").text.splitlines()
    assert told.startswith("1, limit ≤ 0.")
    written = words(opened(services, house.olga, "alerts", id=alert.alert_id))
    assert "looks like Fahrenheit for Celsius" in written
    assert "1.000" not in written


def test_acknowledging_takes_one_button_and_is_seen(services: Any, house: Watch) -> None:
    alert = stored(house)
    at = opened(services, house.olga, "alerts", id=alert.alert_id)
    at = press(at, "Acknowledge", "Looking at the *feed*.")
    assert stored(house).state is AlertState.ACKNOWLEDGED
    written = words(at)
    assert "Acknowledged" in written
    assert "Looking at the \\*feed\\*." in written
    assert "Acknowledge" not in {button.label for button in at.button}


def test_it_is_put_aside_for_a_day(services: Any, house: Watch) -> None:
    at = opened(services, house.olga, "alerts", id=stored(house).alert_id)
    press(at, "Put aside")
    until = stored(house).snoozed_until
    assert until is not None
    assert (until - services.clock.now()).total_seconds() == 86_400


def test_closing_by_hand_needs_a_reason_and_keeps_what_was_typed(
    services: Any, house: Watch
) -> None:
    at = opened(services, house.olga, "alerts", id=stored(house).alert_id)
    at = press(at, "Close by hand", " ")
    assert "Please correct this" in words(at)
    press(at, "Close by hand", "The new rate table is right.")
    assert stored(house).how == "by hand"


def test_an_incident_is_opened_from_it_once(services: Any, house: Watch) -> None:
    alert = stored(house)
    for _ in range(2):
        at = opened(services, house.olga, "alerts", id=alert.alert_id)
        press(at, "Open incident", "Applicants were refused by a broken rate table.")
    with services.store.reading() as session:
        events = services.trail.search(session, action="incident:opened")
    assert [event.payload["origin_id"] for event in events] == [alert.alert_id]


def test_home_tells_those_who_may_look_at_it_until_somebody_does(
    services: Any, house: Watch
) -> None:
    at = opened(services, house.olga)
    assert not at.exception
    assert "hrat\\: Kolmogorov-Smirnov distance\\: 0.310, limit ≤ 0.20" in words(at)
    assert "asks for a review" in words(at)
    assert "hrat" not in words(opened(services, person(services, "Vic Viewer", Role.VIEWER)))
    services.alerts.acknowledge(house.olga, stored(house).alert_id)
    now = words(opened(services, house.olga))
    assert "distance\\: 0.310, limit" not in now
    assert "Review the champion\\: hrat" in now  # looked at is not reviewed


def test_the_list_says_how_fast_faults_are_found_and_what_is_unknown(
    services: Any, house: Watch
) -> None:
    at = opened(services, house.olga, "alerts")
    assert not at.exception
    assert "median of n \\= 1" in words(at)
    assert "unknown · n \\= 0" in words(at)


def test_who_handles_no_alerts_sees_no_form(services: Any, house: Watch) -> None:
    viewer = person(services, "Vic Viewer", Role.VIEWER)
    at = opened(services, viewer, "alerts", id=stored(house).alert_id)
    assert not at.exception
    assert not at.button


def test_two_tabs_do_not_acknowledge_twice(services: Any, house: Watch) -> None:
    alert = stored(house)
    first = opened(services, house.olga, "alerts", id=alert.alert_id)
    services.alerts.acknowledge(house.olga, alert.alert_id)
    at = press(first, "Acknowledge")
    assert not at.exception
    assert "Acknowledged" in words(at)
    assert len(house.events("acknowledged")) == 1


@pytest.mark.parametrize("asked", ["none", "../people", "\x00", "' OR 1=1 --"])
def test_an_alert_that_is_not_there_is_said_to_be_missing(services: Any, asked: str) -> None:
    at = opened(services, watch(services).olga, "alerts", id=asked)
    assert not at.exception
    assert "Not found" in words(at)


@pytest.mark.parametrize("state", ["resolved", "snoozed", "lost"])
def test_a_state_in_the_address_filters_or_is_ignored(
    services: Any, house: Watch, state: str
) -> None:
    at = opened(services, house.olga, "alerts", state=state)
    assert not at.exception
    assert ("hrat" in str(at.markdown) or "0.310" in words(at)) == (state == "lost")
