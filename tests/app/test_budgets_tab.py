"""The tab of budgets: set, seen burning down, set anew, ended."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from console.actions.cost_budgets import BudgetTyped, set_budget
from console.views.cost import budgets
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.error import NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role, Tier
from services.kernel.money import Money
from tests.support.app import opened, words
from tests.support.console_services import NAME, govern, person
from tests.support.tickets import form


@pytest.fixture
def operator(services: Any) -> Any:
    return person(services, "Otto Operator", Role.OPERATOR)


def press(at: AppTest, label: str) -> AppTest:
    next(b for b in at.button if b.label == label).click()
    return at.run()


def spend(services: Any, source: str, micros: int | None, ticket_id: str = "") -> None:
    at = services.clock.now()
    amount = None if micros is None else Money("USD", micros)
    entry = Entry(
        source, CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(1)), amount,
        Bearer(NAME, team="lending", ticket_id=ticket_id), at, at + timedelta(hours=1),
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


def test_a_ticket_has_a_budget_of_its_own_that_only_its_lines_count_against(
    services: Any, operator: Any
) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    govern(services, owner, Tier.MEDIUM)
    ticket = services.tickets.open(owner, form())
    typed = BudgetTyped("ticket", ticket.ticket_id, "month", "2.00", "USD", "80", True, True, owner.person_id, ())  # fmt: skip
    with pytest.raises(NotFound):
        set_budget(services, operator, replace(typed, name="none"))
    with pytest.raises(NotPermitted):
        set_budget(services, owner, typed)
    assert "2.00 USD a year" in set_budget(services, operator, typed)
    spend(services, "others", 5_000_000)
    spend(services, "its own", 1_700_000, ticket.ticket_id)
    (found,) = standing(services)
    assert found.spent == Money("USD", 1_700_000)
    at = opened(services, operator, "cost", tab="Budgets", scope="ticket")
    assert f"Ticket {NAME}" in words(at).replace("\\", "")
    assert "0.30 USD of 2.00 USD is left" in words(at)
    (row,) = budgets.load(services, owner, {}).rows
    assert (row.may_set, row.share) == (False, "85 %")
    services.budget_alerts.look()
    with services.store.reading() as session:
        (alert,) = services.alerts.open(session)
    assert (alert.label, alert.model) == (f"ticket {ticket.ticket_id}", "")
    with services.store.reading() as session:
        assert services.alerts.about(session, alert) == ("", None)
