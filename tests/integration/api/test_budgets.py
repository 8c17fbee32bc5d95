"""Budgets, for machines with what is left of them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.facts.cost.service import Ledger
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.judgement.spending.service import Spending
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.standards.authority.rules import Authority
from services.standards.budget.service import Budgets
from services.standards.budget.types import BudgetForm, Scope, Span
from services.standards.price.service import Prices
from tests.integration.api.conftest import Client, bearer


@pytest.fixture
def budgeted(world: Any) -> Any:
    world.budgets = Budgets(world.store, Authority())
    prices = Prices(world.store, Authority())
    world.spending = Spending(world.clock, world.budgets, prices)
    form = BudgetForm(Scope.MODEL, "a", Span.MONTH, Money("USD", 2_000), "olga")
    world.budgets.set_as(SYSTEM, form)
    at = world.clock.now()
    line = Entry(
        "s:1", CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(1)), Money("USD", 1_500),
        Bearer("a"), at, at + timedelta(hours=1),
    )  # fmt: skip
    with world.store.unit(SYSTEM) as unit:
        Ledger().add(unit, [line])
    return world


def test_a_budget_says_what_is_spent_and_that_nobody_knows_the_end(
    api: Client, budgeted: Any
) -> None:
    answer = api.get("/api/v1/budgets", headers=bearer(budgeted, "models:read"))
    (told,) = answer.json()["budgets"]
    assert (told["spent"], told["left"], told["share"], told["used_up"]) == (
        "0.0015",
        "0.0005",
        0.75,
        False,
    )
    assert (told["forecast"], told["unknown"]) == (None, "")
    assert "two whole weeks" in told["why"]
    assert api.get("/api/v1/budgets", headers=bearer(budgeted, "gate:read")).status_code == 403
