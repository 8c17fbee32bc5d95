"""The tab of budgets: set, seen burning down, set anew, ended."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from tests.support.app import opened, words
from tests.support.console_services import NAME, person


@pytest.fixture
def operator(services: Any) -> Any:
    return person(services, "Otto Operator", Role.OPERATOR)


def press(at: AppTest, label: str) -> AppTest:
    next(b for b in at.button if b.label == label).click()
    return at.run()


def spend(services: Any, source: str, micros: int | None) -> None:
    at = services.clock.now()
    amount = None if micros is None else Money("USD", micros)
    entry = Entry(
        source, CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(1)), amount,
        Bearer(NAME, team="lending"), at, at + timedelta(hours=1),
    )  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        services.ledger.add(unit, [entry])


def standing(services: Any) -> list[Any]:
    with services.store.reading() as session:
        return services.spending.all(session)


def test_a_budget_is_set_seen_and_ended(services: Any, operator: Any) -> None:
    at = opened(services, operator, "cost", tab="Budgets", scope="team")
    assert "No budget yet" in words(at)
    next(each for each in at.text_input if each.label == "Amount").set_value("two")
    press(at, "Set budget")
    assert "'two' is no amount" in words(at)
    next(each for each in at.text_input if each.label == "Amount").set_value("2.00")
    press(at, "Set budget")
    assert not at.exception
    (found,) = standing(services)
    assert (found.budget.whose, found.budget.amount) == ("team lending", Money("USD", 2_000_000))
    assert found.budget.owner_id == operator.person_id
    spend(services, "a", 1_500_000)
    at.run()
    assert "0.50 USD of 2.00 USD is left" in words(at)
    assert "75 %" in words(at)
    assert "Within, so far" in words(at)
    spend(services, "b", None)
    assert "1 line has no price" in words(at.run())
    spend(services, "c", 600_000)
    assert "Used up" in words(at.run())
    press(at, "End this budget")
    assert standing(services) == []


def test_who_is_no_operator_sees_the_money_and_no_form(services: Any, operator: Any) -> None:
    at = opened(services, operator, "cost", tab="Budgets", scope="team")
    next(each for each in at.text_input if each.label == "Amount").set_value("2.00")
    press(at, "Set budget")
    viewer = person(services, "Vera Viewer", Role.VIEWER)
    seen = opened(services, viewer, "cost", tab="Budgets")
    assert "Team Lending" in words(seen)
    assert {"Set budget", "End this budget"} & {b.label for b in seen.button} == set()
    assert "Operators set budgets" in words(seen)
