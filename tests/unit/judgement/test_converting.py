"""Sums in one currency: by the rate of each day, and never without one."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.facts.cost.spending import Sum
from services.judgement.spending import converting
from services.kernel.error import InvalidInput
from services.kernel.money import Money
from services.standards.price.types import Exchange


def rate(each: str, day: int, base: str = "EUR", quote: str = "USD") -> Exchange:
    return Exchange(base, quote, Decimal(each), datetime(2026, 11, day, tzinfo=UTC), "ecb")


def spent(day: int, currency: str, micros: int | None, model: str = "loan") -> Sum:
    amount = Money(currency, micros) if micros is not None else None
    return Sum((f"2026-11-{day:02d}", model), amount, 2, 0)


RATES = [rate("1.20", 3), rate("1.10", 1)]


def test_each_day_is_converted_by_its_own_rate() -> None:
    sums = [spent(1, "EUR", 1_000_000), spent(2, "EUR", 1_000_000), spent(3, "EUR", 1_000_000)]
    found = converting.converted([*sums, spent(3, "USD", 5)], "USD", RATES)
    assert found.amounts == {("loan",): Money("USD", 2 * 1_100_000 + 1_200_000 + 5)}
    assert found.rates == (RATES[1], RATES[0])
    assert found.left == {}


def test_a_rate_is_read_backwards_where_only_that_is_known() -> None:
    found = converting.converted([spent(3, "USD", 1_200_000)], "EUR", RATES)
    assert found.amounts == {("loan",): Money("EUR", 1_000_000)}


def test_what_has_no_rate_is_counted_and_in_no_amount() -> None:
    sums = [spent(3, "GBP", 7), spent(4, "GBP", 8), spent(3, "USD", 9), spent(3, "USD", None)]
    found = converting.converted(sums, "USD", RATES)
    assert found.amounts == {("loan",): Money("USD", 9)}
    assert (found.left, found.lines) == ({"GBP": Money("GBP", 15)}, {"GBP": 4})
    early = converting.converted([spent(1, "EUR", 7)], "USD", [RATES[0]])
    assert early.left == {"EUR": Money("EUR", 7)}, "the rate came later"


def test_a_rate_holds_when_its_day_begins() -> None:
    assert converting.holding(RATES, date(2026, 11, 2)) == [RATES[1]]
    assert converting.holding(RATES, date(2026, 11, 3)) == [RATES[0]]
    assert converting.holding(RATES, date(2026, 10, 31)) == []


def test_what_is_no_currency_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is no currency"):
        converting.converted([], "dollars", RATES)
