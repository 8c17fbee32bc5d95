"""What the drift page says about training and serving: what differs first, what could not be told, the rest."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.views.drift import view
from console.views.drift.skew import CALENDAR, Skew
from services.facts.drift import calendar
from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import Seen, WindowMetric
from services.kernel.clock import FixedClock
from services.kernel.identity import Role
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME, govern, open_services, person
from tests.support.windows import FIRST, watch

DAY = timedelta(days=1)
NEW = FIRST + 40 * DAY


@pytest.fixture
def services(sqlite_store: Store, tmp_path: Path, clock: FixedClock) -> Any:
    return open_services(sqlite_store, tmp_path, clock)


def number(feature: str, value: float | None, words: str = "", **more: Any) -> WindowMetric:
    """Return the skew of a feature; with words, in how many ways it is written otherwise."""
    metric = "drift.skew_differences" if words else "drift.skew_distance"
    return WindowMetric(NEW, NEW + DAY, metric, value, 900, feature, method=words, **more)


def page(services: Any, *numbers: WindowMetric) -> Skew:
    owner = person(services, "Olga Owner", Role.OWNER)
    govern(services, owner)
    services.policies.publish_shipped()
    monitor = watch(services)
    seen = Seen(NEW, NEW + DAY, 900, 0, "new", NEW + DAY, closed=True)
    with services.store.operational() as session:
        services.windows.file(
            session, monitor.monitor_id, monitor.granularity, seen, [], list(numbers)
        )
    found = view.load(services, owner, {"name": NAME})
    assert found is not None
    assert found.skew is not None
    return found.skew


def test_what_is_beyond_its_limit_stands_first_with_its_words(services: Any) -> None:
    few = MeasurementStatus.TOO_FEW
    found = page(
        services,
        number("unem", 0.05, floor=0.06),
        number("hrat", None, status=few),
        calendar.excused(number("day", 0.9)),
        number("temp", 0.6, floor=0.06),
        number("temp", 1.0, "looks like Fahrenheit for Celsius"),
        number("unem", 0.0, "as in training"),
    )
    assert [(row.feature, row.status) for row in found.rows] == [
        ("temp", "fail"), ("day", "none"), ("hrat", "unknown"),
    ]  # fmt: skip
    temp, day, hrat = found.rows
    assert (temp.status, temp.writing, day.writing) == ("fail", "fail", "none")
    assert (temp.words, temp.value) == ("looks like Fahrenheit for Celsius", "0.600, n = 900")
    assert day.words == CALENDAR
    assert hrat.value == "too few (n = 900)"
    assert found.others == 1


def test_a_window_of_few_rows_does_not_say_that_features_are_written_alike(services: Any) -> None:
    few = MeasurementStatus.TOO_FEW
    found = page(services, number("temp", 0.05, floor=0.06), number("", None, "few", status=few))
    (whole,) = found.rows
    assert (whole.feature, whole.status) == ("all features", "unknown")
    assert whole.value == "too few (n = 900)"


def test_only_what_crossed_is_marked_and_what_custody_dropped_is_said(services: Any) -> None:
    kept_out = {"status": MeasurementStatus.NOT_ESTIMABLE}
    words = "dropped by custody at the door"
    found = page(
        services,
        number("temp", 0.0, floor=0.06),
        number("temp", 1.0, "one value in every row, several in training"),
        WindowMetric(NEW, NEW + DAY, "drift.skew_distance", None, 0, "mail", method=words, **kept_out),
        number("mail", None, words, **kept_out),
    )  # fmt: skip
    temp, mail = found.rows
    assert (temp.status, temp.writing) == ("none", "fail")
    assert (mail.status, mail.writing, mail.words) == ("unknown", "none", words)


def test_a_window_that_nobody_compared_with_training_says_so(services: Any) -> None:
    assert page(services) == Skew((), 0)
