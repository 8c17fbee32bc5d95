"""Business figures on a model's overview: what they came to, and who says what they are."""

from typing import Any

import pytest

from services.facts.kpi.types import KPI
from services.facts.window.types import Granularity, Seen, WindowMetric
from services.kernel.identity import SYSTEM, Role
from services.people.account.types import Principal
from services.standards.target.types import Kpi
from tests.support.app import opened, words
from tests.support.console_services import NAME, govern, measure, person
from tests.support.watching import DAY, monitor_of

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def owner(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER)
    govern(services, made)
    measure(services, 1)
    return made


def show(services: Any, *values: tuple[str, float | None, float]) -> None:
    """File one closed day in which figures came to (name, value, half an interval)."""
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 1)
    start = services.clock.now().replace(hour=0, minute=0, second=0, microsecond=0) - DAY
    monitor = monitor_of(ref, start)
    numbers = [
        WindowMetric(start, start + DAY, KPI, value, 900, name,
                     lo=None if value is None else value - half,
                     hi=None if value is None else value + half)
        for name, value, half in values
    ]  # fmt: skip
    seen = Seen(start, start + DAY, 900, 0, "s", start + DAY, closed=True)
    with services.store.operational() as session:
        services.windows.begin(session, monitor, [])
        services.windows.file(session, monitor.monitor_id, Granularity.DAY, seen, [], numbers)


def page(services: Any, who: Principal, **query: str) -> Any:
    at = opened(services, who, "model", name=NAME, version="1", **query)
    assert not at.exception
    return at


def field(at: Any, kind: str, label: str) -> Any:
    return next(each for each in getattr(at, kind) if each.label == label)


def press(at: Any, label: str) -> Any:
    field(at, "button", label).click()
    at.run()
    assert not at.exception
    return at


def known(services: Any) -> list[Kpi]:
    with services.store.reading() as session:
        return services.targets.of_model(session, NAME)


def test_each_figure_says_how_it_stands_to_its_target(services: Any, owner: Principal) -> None:
    for name, unit, direction, target in (
        ("Announced", "1", "higher", 0.5),
        ("Losses", "EUR", "lower", 10.0),
        ("Near", "1", "higher", 0.5),
        ("Open", "1", "higher", None),
        (HOSTILE, "1", "higher", 0.5),
    ):
        services.targets.set_as(SYSTEM, Kpi(NAME, name, unit, direction, target))
    show(services, ("Announced", 0.6, 0.01), ("Losses", 12.5, 1.0), ("Near", 0.51, 0.05), ("Open", 0.4, 0.1))  # fmt: skip
    said = words(page(services, owner)).replace("\\", "")
    for expected in (
        "Meets its target", "Misses its target", "Not shown", "No target", "Not measured",
        "60.0 % [59.0, 61.0], n = 900", "12.50 [11.50, 13.50] EUR", "≤ 10.00 EUR", "sent by API",
    ):  # fmt: skip
        assert expected in said, expected
    assert HOSTILE not in words(page(services, owner)).replace("\\<", "")


def test_an_owner_sets_a_figure_changes_it_and_lets_it_go(services: Any, owner: Principal) -> None:
    at = page(services, owner)
    field(at, "text_input", "Name of the figure").set_value("Approved in time")
    field(at, "number_input", "Target").set_value(0.3)
    field(at, "text_area", "Formula; empty where it is sent").set_value("share(outcome = 1)")
    press(at, "Save figure")
    (made,) = known(services)
    assert (made.name, made.target, made.formula) == ("Approved in time", 0.3, "share(outcome = 1)")
    at = page(services, owner, figure="Approved in time")
    field(at, "number_input", "Target").set_value(0.4)
    press(at, "Save figure")
    assert [each.target for each in known(services)] == [0.4]
    press(page(services, owner, figure="Approved in time"), "Watch it no longer")
    assert known(services) == []


def test_a_formula_that_is_none_is_told_with_its_place(services: Any, owner: Principal) -> None:
    at = page(services, owner)
    field(at, "text_input", "Name of the figure").set_value("Approved")
    field(at, "text_area", "Formula; empty where it is sent").set_value("share(outcome 1)")
    said = words(press(at, "Save figure")).replace("\\", "")
    assert "At character 15 of the formula: a comparison is missing" in said
    assert known(services) == []


def test_who_does_not_govern_the_model_reads_and_sets_nothing(
    services: Any, owner: Principal
) -> None:
    del owner
    services.targets.set_as(SYSTEM, Kpi(NAME, "Losses", "EUR", "lower", 10.0))
    at = page(services, person(services, "Vera Validator", Role.VALIDATOR))
    assert "Losses" in words(at)
    assert "Save figure" not in [each.label for each in at.button]
