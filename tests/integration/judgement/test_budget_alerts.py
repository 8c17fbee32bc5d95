"""Budgets on each engine: spend from the ledger, one alert a threshold, and who may handle it."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from console.views import alert as alert_view
from console.views import alerts as alerts_view
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.clock import FixedClock
from services.kernel.error import NotFound
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.people.account.types import Grant, Principal
from services.record.trail.unit_of_work import Store
from services.standards.budget.types import Budget, BudgetForm, Scope, Span
from services.standards.price.types import Exchange
from tests.support.console_services import open_services, person

HOUR = timedelta(hours=1)


@pytest.fixture
def services(store: Store, tmp_path: Path, clock: FixedClock) -> Any:
    return open_services(store, tmp_path, clock)


def spend(services: Any, source: str, micros: int | None, currency: str = "USD") -> None:
    at = services.clock.now()
    bearer = Bearer("loan", team="lending", experiment="loan-search", run_id="r1")
    amount = None if micros is None else Money(currency, micros)
    entry = Entry(source, CostKind.SEARCH, Use("cpu", "cpu-hour", Decimal(1)), amount, bearer, at, at + HOUR)  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        services.ledger.add(unit, [entry])


def budget(services: Any, scope: Scope, name: str, micros: int = 1_000_000) -> Budget:
    form = BudgetForm(scope, name, Span.MONTH, Money("USD", micros), "olga", channels=("slack",))
    return services.budgets.set_as(SYSTEM, form)


def known(services: Any) -> list[tuple[str, str, bool]]:
    with services.store.reading() as session:
        found = services.alerts.find(session)
    return sorted((each.label, each.rule, each.is_open) for each in found)


def test_a_model_a_team_and_an_experiment_are_held_against_the_same_ledger(services: Any) -> None:
    for scope, name in ((Scope.MODEL, "loan"), (Scope.TEAM, "lending"), (Scope.EXPERIMENT, "loan-search")):  # fmt: skip
        budget(services, scope, name)
    budget(services, Scope.TEAM, "others")
    assert services.budget_alerts.look() == []
    spend(services, "a", 600_000)
    services.budget_alerts.look()
    names = ["experiment loan-search", "loan", "team lending"]
    assert known(services) == [(name, "spent 50 %", True) for name in names]
    assert services.budget_alerts.look() == []
    spend(services, "b", 400_000)
    services.budget_alerts.look()
    events = services.trail.search
    with services.store.reading() as session:
        assert len(events(session, action="budget:exceeded")) == 3
        assert len(events(session, action="alert:raised")) == 6


def test_what_has_no_price_is_counted_and_other_currencies_need_a_rate(services: Any) -> None:
    made = budget(services, Scope.EXPERIMENT, "loan-search")
    team = budget(services, Scope.TEAM, "lending")
    spend(services, "a", None)
    spend(services, "b", 200_000, "EUR")
    for each in (made, team):
        with services.store.reading() as session:
            found = services.spending.of(session, each)
        assert (found.spent.micros, found.daily.unpriced, found.forecast) == (0, 1, None)
        assert found.daily.elsewhere == (Money("EUR", 200_000),)
        assert "two whole weeks" in found.why
    day = services.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    olga = person(services, "olga", Role.OPERATOR)
    services.prices.publish_exchange(olga, Exchange("EUR", "USD", Decimal("1.5"), day, "a bank"))
    for each in (made, team):
        with services.store.reading() as session:
            found = services.spending.of(session, each)
        assert (found.spent.micros, found.daily.elsewhere) == (300_000, ())


def test_two_weeks_of_costs_give_a_forecast_that_may_raise_an_alert(services: Any) -> None:
    services.clock.advance((timedelta(days=40) - HOUR).total_seconds())
    budget(services, Scope.MODEL, "loan", 40_000_000)
    start = services.clock.now()
    while services.clock.now().day != 15 or services.clock.now() < start + timedelta(days=20):
        spend(services, services.clock.now().isoformat(), 2_000_000)
        services.clock.advance(86_400)
    services.budget_alerts.look()
    with services.store.reading() as session:
        (found,) = services.spending.all(session)
    assert found.forecast is not None
    assert found.forecast.likely.micros == 2_000_000 * (found.period.end - found.period.start).days
    assert ("loan", "forecast 100 %", True) in known(services)


def test_who_sees_the_money_of_a_team_sees_its_alerts(services: Any) -> None:
    budget(services, Scope.TEAM, "lending")
    spend(services, "a", 600_000)
    (alert,) = services.budget_alerts.look()
    signed_in = services.clock.now()

    def holding(kind: str, name: str) -> Principal:
        grants = (Grant("p", Role.OPERATOR, kind, name),)
        return Principal("p", "Pat", "pat@example.org", grants, (), "s", signed_in)

    inside, outside = holding("team", "lending"), holding("team", "others")
    view = alert_view.load(services, inside, alert.alert_id)
    assert view.actions == ("acknowledge", "snooze", "resolve")
    assert (view.row.label, view.row.value, view.facts["Rule"]) == ("team lending", "60.0 %", "Budget, spent 50 %")  # fmt: skip
    assert [row.label for row in alerts_view.load(services, inside, {}).rows] == ["team lending"]
    assert alerts_view.load(services, outside, {}).rows == ()
    with pytest.raises(NotFound):
        alert_view.load(services, outside, alert.alert_id)
    with services.store.reading() as session:
        assert len(alerts_view.raised(services, session, inside).waiting) == 1
    services.alerts.acknowledge(inside, alert.alert_id, "we know")
    assert services.alerts.look() == []
    services.alerts.resolve(inside, alert.alert_id, "the search is over")
    assert services.budget_alerts.look() == []
