"""Budgets: who sets them, and what they were before; on each engine."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.kernel.clock import FixedClock
from services.kernel.error import NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.people.account.types import Grant, Principal
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.budget.service import Budgets
from services.standards.budget.types import BudgetForm, Scope, Span

FORM = BudgetForm(
    Scope.MODEL, "loan", Span.MONTH, Money("USD", 200_000_000), "olga", channels=("slack",)
)


def holding(role: Role, kind: str = "everything", name: str = "") -> Principal:
    signed_in = datetime(2026, 3, 14, tzinfo=UTC)
    grants = (Grant("p", role, kind, name),)
    return Principal("p", "Pat", "pat@example.org", grants, (), "s", signed_in)


@pytest.fixture
def budgets(store: Store) -> Budgets:
    return Budgets(store, Authority())


def test_a_budget_that_is_set_anew_is_remembered_as_it_was(
    store: Store, budgets: Budgets, clock: FixedClock
) -> None:
    operator = holding(Role.OPERATOR)
    first = budgets.set(operator, FORM, "lending")
    then = clock.now()
    clock.advance(86_400)
    more = budgets.set(operator, replace(FORM, amount=Money("EUR", 1)), "lending")
    assert more.budget_id == first.budget_id
    quarter = budgets.set_as(SYSTEM, replace(FORM, span=Span.QUARTER))
    with store.reading() as session:
        assert {b.budget_id: b.amount for b in budgets.all(session)} == {
            first.budget_id: Money("EUR", 1),
            quarter.budget_id: FORM.amount,
        }
        assert budgets.all(session, then) == [first]
        assert budgets.history(session, first.budget_id) == [first, more]
    clock.advance(86_400)
    budgets.end(operator, first.budget_id, "lending")
    with store.reading() as session:
        assert budgets.all(session) == [quarter]
        found = Trail(store).search(session, subject=("budget", first.budget_id))
    assert sorted(each.action for each in found) == ["budget:ended", "budget:set", "budget:set"]
    with pytest.raises(NotFound):
        budgets.end(operator, first.budget_id, "lending")


def test_only_an_operator_of_what_it_is_about_sets_a_budget(budgets: Budgets) -> None:
    for who in (
        holding(Role.OWNER),
        holding(Role.ADMINISTRATOR),
        holding(Role.OPERATOR, "model", "other"),
        holding(Role.OPERATOR, "team", "other"),
    ):
        with pytest.raises(NotPermitted):
            budgets.set(who, FORM, "lending")
    assert budgets.set(holding(Role.OPERATOR, "team", "lending"), FORM, "lending").stops
    team = replace(FORM, scope=Scope.TEAM, name="lending")
    assert budgets.set(holding(Role.OPERATOR, "team", "lending"), team, "lending").whose == "team lending"  # fmt: skip
    with pytest.raises(NotPermitted):
        budgets.set(holding(Role.OPERATOR, "model", "lending"), team, "lending")
