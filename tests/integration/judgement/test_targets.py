"""Business figures are held against their targets, and late outcomes are waited for, through the same room."""

from pathlib import Path
from typing import Any

import pytest

from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import WindowMetric
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM
from services.record.trail.unit_of_work import Store
from services.standards.target.types import Kpi
from tests.support.console_services import NAME, open_services
from tests.support.watching import DAY, POLICY, Watch, midnight, watch

RULES = """    - {id: target, metric: kpi.value, beyond_target: 0, windows: 2 of 3, min_n: 1, channels: [slack]}
    - {id: worse-than, metric: performance.accuracy, under: 0.7, channels: [slack]}
"""


@pytest.fixture
def house(store: Store, tmp_path: Path, clock: FixedClock) -> Watch:
    services = open_services(store, tmp_path, clock)
    made = watch(services)
    services.policies.publish(SYSTEM, (POLICY % (3, 0) + RULES).encode())
    return made


def figure(house: Watch, target: float | None, direction: str = "higher") -> None:
    house.services.targets.set_as(
        house.olga.actor, Kpi(NAME, "On time", "1", direction, target, "share(outcome = 0)")
    )


def days(house: Watch, *values: float | None, metric: str = "kpi.value", **more: Any) -> None:
    """Let a day pass for each value; None is a day whose outcomes have not come."""
    for value in values:
        start = midnight(house.services.clock)
        house.services.clock.advance(DAY.total_seconds())
        told = MeasurementStatus.TOO_FEW if value is None else MeasurementStatus.OK
        ends = {} if value is None else {"lo": value - 0.02, "hi": value + 0.02}
        name = "On time" if metric == "kpi.value" else ""
        number = WindowMetric(
            start, start + DAY, metric, value, 900, name, status=told, **ends, **more
        )
        house.file(start, number)
        house.services.alerts.look()


def test_a_figure_that_misses_its_target_raises_an_alert_that_is_over_when_it_meets_it(
    house: Watch,
) -> None:
    figure(house, 0.85)
    days(house, 0.9, 0.8)
    assert house.open() == []
    days(house, 0.79)
    (alert,) = house.open()
    assert (alert.rule, alert.metric, alert.feature) == ("target", "kpi.value", "On time")
    assert (alert.value, alert.bound, alert.limit) == (0.79, 0.85, "≥ 0.85")
    assert house.told() == [("raised", "slack")]
    days(house, 0.84, 0.86)
    assert house.open() == [alert]
    days(house, 0.87)
    assert house.open() == []
    assert [each.how for each in house.all()] == ["clear"]


def test_what_may_not_prove_more_than_chance_raises_nothing(house: Watch) -> None:
    figure(house, 0.85)
    days(house, 0.84, 0.84, 0.84)
    assert house.open() == []


def test_less_is_better_where_people_said_so(house: Watch) -> None:
    figure(house, 0.2, "lower")
    days(house, 0.1, 0.1, 0.3, 0.3)
    assert [each.limit for each in house.open()] == ["≤ 0.20"]


def test_without_a_target_nothing_is_judged_and_what_was_raised_is_over(house: Watch) -> None:
    days(house, 0.1, 0.1)
    figure(house, None)
    days(house, 0.1, 0.1)
    assert house.all() == []
    figure(house, 0.85)
    days(house, 0.1)
    assert len(house.open()) == 1
    figure(house, None)
    house.services.alerts.look()
    assert house.open() == []


def test_the_newest_window_with_outcomes_is_judged_and_not_those_that_wait(house: Watch) -> None:
    days(house, 0.9, 0.6, None, None, metric="performance.accuracy")
    (alert,) = [each for each in house.open() if each.rule == "worse-than"]
    assert alert.value == 0.6
    days(house, 0.75, None, metric="performance.accuracy")
    assert [each for each in house.open() if each.rule == "worse-than"] == [alert]
    days(house, 0.95, None, metric="performance.accuracy")
    assert [each for each in house.open() if each.rule == "worse-than"] == []


def test_a_window_with_few_outcomes_is_passed_over_while_more_may_come(house: Watch) -> None:
    days(house, 0.9, metric="performance.accuracy", coverage=0.9)
    days(house, 0.3, metric="performance.accuracy", coverage=0.1)
    assert house.open() == []
