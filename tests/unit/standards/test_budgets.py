"""Budgets: what may be one, and which stretch of the calendar it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.kernel.error import InvalidInput
from services.kernel.money import Money
from services.standards.budget import rules
from services.standards.budget.types import Budget, BudgetForm, Scope, Span

FORM = BudgetForm(Scope.MODEL, "loan", Span.MONTH, Money("USD", 200_000_000), "olga")
AT = datetime(2026, 11, 26, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": Money("USD", 0)}, "more than nothing"),
        ({"amount": Money("USD", -1)}, "more than nothing"),
        ({"amount": Money("USD", 10**15 + 1)}, "thousand million"),
        ({"percents": (0, 100)}, "is no threshold"),
        ({"percents": (501,)}, "is no threshold"),
        ({"name": " "}, "is empty"),
        ({"scope": Scope.TEAM, "name": "t" * 61}, "60"),
    ],
)
def test_a_budget_that_cannot_be_used_is_refused_in_words(change: dict, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        rules.checked(replace(FORM, **change))


def test_a_thousand_million_is_still_a_budget_and_all_of_it_is_always_a_threshold() -> None:
    kept = rules.checked(replace(FORM, amount=Money("EUR", 10**15), percents=(80, 50, 80)))
    assert (kept.amount.micros, kept.percents) == (10**15, (50, 80, 100))


def test_thresholds_are_read_as_people_write_them() -> None:
    assert rules.percents_of("50, 80 %,100%") == (50, 80, 100)
    assert rules.percents_of("") == ()
    with pytest.raises(InvalidInput, match="no thresholds"):
        rules.percents_of("half")


@pytest.mark.parametrize(
    ("span", "at", "start", "end", "label"),
    [
        (Span.MONTH, AT, (2026, 11), (2026, 12), "November 2026"),
        (Span.MONTH, datetime(2026, 12, 31, 23, tzinfo=UTC), (2026, 12), (2027, 1), "December 2026"),
        (Span.QUARTER, AT, (2026, 10), (2027, 1), "Q4 2026"),
        (Span.QUARTER, datetime(2026, 3, 1, tzinfo=UTC), (2026, 1), (2026, 4), "Q1 2026"),
        (Span.YEAR, AT, (2026, 1), (2027, 1), "2026"),
    ],
)  # fmt: skip
def test_periods_follow_the_calendar(
    span: Span, at: datetime, start: tuple[int, int], end: tuple[int, int], label: str
) -> None:
    found = rules.period_of(span, at)
    assert (found.start, found.end) == (
        datetime(*start, 1, tzinfo=UTC),
        datetime(*end, 1, tzinfo=UTC),
    )
    assert rules.label_of(span, at) == label
    assert found.covers(at)


def test_a_period_is_that_of_the_instant_in_utc() -> None:
    tokyo = datetime(2026, 12, 1, 3, tzinfo=timezone(timedelta(hours=9)))
    assert rules.label_of(Span.MONTH, tokyo) == "November 2026"


def test_a_cost_counts_against_the_budgets_of_whom_it_belongs_to() -> None:
    held = [
        Budget(name, scope, name, Span.MONTH, FORM.amount, "o", (100,), True, True, (), "o", AT)
        for scope, name in (
            (Scope.MODEL, "loan"),
            (Scope.TEAM, "loan"),
            (Scope.EXPERIMENT, "x"),
            (Scope.TICKET, "t"),
        )
    ]
    assert [b.scope for b in rules.reaching(held, model="loan")] == [Scope.MODEL]
    assert [b.scope for b in rules.reaching(held, team="loan", experiment="x")] == [
        Scope.TEAM,
        Scope.EXPERIMENT,
    ]
    assert [b.scope for b in rules.reaching(held, ticket="t")] == [Scope.TICKET]
    assert rules.reaching(held) == []


def test_a_budget_of_a_ticket_lasts_as_long_as_a_ticket_may() -> None:
    form = replace(FORM, scope=Scope.TICKET, name="t", span=Span.MONTH)
    assert rules.checked(form).span is Span.YEAR
