"""Budgets held against spend: what is crossed, told once, and over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.facts.cost.forecast import Forecast
from services.facts.cost.spend import DailySpend
from services.judgement.alert.overspent import moves_of, without
from services.judgement.alert.planning import resolved
from services.judgement.alert.types import Alert, AlertState
from services.judgement.alert.words import message
from services.judgement.spending.rules import at_least, crossings
from services.judgement.spending.types import Standing
from services.kernel.money import Money
from services.standards.budget.rules import period_of
from services.standards.budget.types import Budget, Scope, Span

NOW = datetime(2026, 11, 26, 6, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def budget(**changes: object) -> Budget:
    made = Budget(
        "b1", Scope.MODEL, "loan", Span.MONTH, Money("USD", 1_000), "olga", (50, 80, 100),
        forecast=True, stops=True, channels=("slack",), set_by="olga", since=NOW,
    )  # fmt: skip
    return replace(made, **changes)


def standing(
    spent: int, likely: int | None = None, at: datetime = NOW, unpriced: int = 0, **changes: object
) -> Standing:
    ahead = None
    if likely is not None:
        lo, hi = likely - 100, likely + 100
        ahead = Forecast(
            Money("USD", likely), Money("USD", lo), Money("USD", hi), ((likely, lo, hi),), 28
        )
    daily = DailySpend(at.date().replace(day=1), "USD", (0,) * 25 + (spent,), unpriced)
    return Standing(
        budget(**changes), period_of(Span.MONTH, at), f"{at:%B %Y}", daily, ahead, "", at
    )


def after(known: list[Alert], found: Standing, now: datetime = NOW) -> list[Alert]:
    """Return the alerts after a look."""
    held = {each.alert_id: each for each in known}
    for move in moves_of(found, known, now):
        held[move.alert.alert_id] = move.alert
    return list(held.values())


def opened(known: list[Alert]) -> list[str]:
    return sorted(each.rule for each in known if each.is_open)


@pytest.mark.parametrize(
    ("spent", "likely", "rules"),
    [
        (499, None, []),
        (500, None, ["spent 50 %"]),
        (999, 1_000, ["spent 50 %", "spent 80 %"]),
        (999, 1_001, ["spent 50 %", "spent 80 %", "forecast 100 %"]),
        (1_000, None, ["spent 50 %", "spent 80 %", "spent 100 %"]),
    ],
)
def test_a_threshold_is_crossed_when_it_is_reached(
    spent: int, likely: int | None, rules: list[str]
) -> None:
    assert [each.rule for each in crossings(standing(spent, likely))] == rules


def test_a_forecast_is_told_only_where_the_budget_asks_for_it() -> None:
    assert crossings(standing(0, 9_000, forecast=False)) == ()


def test_thresholds_are_exact_for_a_thousand_million() -> None:
    huge = Money("USD", 10**15)
    assert [e.percent for e in crossings(standing(10**15 - 1, amount=huge))] == [50, 80]
    assert [e.percent for e in crossings(standing(10**15, amount=huge))] == [50, 80, 100]


def test_a_threshold_is_told_once_and_what_a_person_closed_stays_closed() -> None:
    known = after([], standing(600))
    assert opened(known) == ["spent 50 %"]
    (first,) = known
    assert (first.value, first.bound, first.limit) == (0.6, 0.5, "≤ 50 % of 0.001 USD")
    assert first.dedup_key == "loan:0:spent 50 %:cost.budget_share:November 2026:"
    assert after(known, standing(700)) == known
    closed = [resolved(first, "by hand", LATER, "olga", "seen")]
    assert after(closed, standing(700)) == closed
    assert opened(after(closed, standing(850))) == ["spent 80 %"]


def test_the_highest_threshold_is_told_alone_and_ends_those_below_it() -> None:
    known = after([], standing(600, 1_200))
    assert opened(known) == ["forecast 100 %", "spent 50 %"]
    more = after(known, standing(900, 1_200))
    assert opened(more) == ["forecast 100 %", "spent 80 %"]
    assert [each.how for each in more if not each.is_open] == ["overtaken"]
    assert opened(after(more, standing(1_000, 1_200))) == ["spent 100 %"]
    assert opened(after([], standing(1_000, 1_200))) == ["spent 100 %"]


def test_more_money_ends_what_was_crossed_and_the_new_amount_is_told_again() -> None:
    known = after([], standing(850))
    more = after(known, standing(850, amount=Money("USD", 10_000)))
    assert {each.how for each in more} == {"budget set anew"}
    again = after(more, standing(5_000, amount=Money("USD", 10_000)))
    assert opened(again) == ["spent 50 %"]


def test_a_new_period_ends_the_alerts_of_the_last() -> None:
    known = after([], standing(1_000))
    december = datetime(2026, 12, 1, tzinfo=UTC)
    over = after(known, standing(0, at=december), december)
    assert {each.how for each in over} == {"period over"}
    assert opened(after(over, standing(600, at=december), december)) == ["spent 50 %"]


def test_what_nobody_can_tell_resolves_nothing() -> None:
    known = after([], standing(600, 1_200))
    assert opened(known) == ["forecast 100 %", "spent 50 %"]
    assert opened(after(known, standing(600, None))) == ["forecast 100 %", "spent 50 %"]
    assert opened(after(known, standing(600, 960))) == ["forecast 100 %", "spent 50 %"]
    assert opened(after(known, standing(600, 940))) == ["spent 50 %"]
    assert opened(after(known, standing(100, 940, unpriced=1))) == ["spent 50 %"]
    assert opened(after(known, standing(100, 940))) == []


def test_a_budget_that_was_ended_ends_its_alerts() -> None:
    known = after([], standing(600))
    assert without(known, ["b1"], LATER) == []
    (move,) = without(known, [], LATER)
    assert (move.event, move.alert.how) == ("resolved", "budget ended")


def test_an_alert_that_was_put_aside_wakes() -> None:
    (alert,) = after([], standing(600))
    aside = replace(alert, state=AlertState.SNOOZED, snoozed_until=LATER)
    assert moves_of(standing(600), [aside], NOW) == []
    (move,) = moves_of(standing(600), [aside], LATER)
    assert (move.event, move.alert.state) == ("reminder", AlertState.RAISED)


def test_people_are_told_whose_budget_it_is_and_how_much_of_it_is_gone() -> None:
    spent, foretold = after([], standing(600, 1_200, scope=Scope.TEAM, name="lending"))
    told = message(spent, "raised")
    assert told.title == "Budget of team lending, November 2026: spent 50 %"
    assert told.text == "60% of it is spent."
    assert message(foretold, "raised").text == (
        "120% of it is likely at the end, between 110% and 130%."
    )
    over = message(resolved(spent, "period over", LATER), "resolved")
    assert over.text.startswith("The period is over")


def test_a_forecast_is_never_below_what_is_spent() -> None:
    low = Forecast(Money("USD", 5), Money("USD", 1), Money("USD", 9), ((3, 1, 4), (5, 1, 9)), 28)
    found = at_least(low, 4)
    assert found.by_day == ((4, 4, 4), (5, 4, 9))
    assert (found.likely.micros, found.lo.micros, found.hi.micros) == (5, 4, 9)


def test_what_is_spent_without_a_price_or_a_rate_is_said() -> None:
    assert standing(10).unknown == ""
    assert "1 line has no price" in standing(10, unpriced=1).unknown
    found = standing(10)
    elsewhere = replace(found.daily, elsewhere=(Money("EUR", 5),))
    assert replace(found, daily=elsewhere).unknown.startswith("Some is spent in EUR")
