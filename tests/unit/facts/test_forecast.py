"""What a period is likely to come to: held against periods that ended, and against plain arithmetic."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from services.facts.cost.forecast import DRAWS, forecast
from services.facts.cost.spend import gathered
from services.kernel.money import Money
from services.kernel.period import Period

SPENT = Money("USD", 5_000_000)
WEEK = [100, 110, 120, 130, 140, 10, 5]


def months(seed: int, *, weekdays: bool, spikes: bool) -> list[tuple[list[int], int]]:
    """Return pasts of 56 days, and what the 20 days after each came to."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(150):
        size = generator.lognormal(13.8, 0.4, 76)
        if weekdays:
            size *= np.tile([1, 1.1, 1.2, 1.1, 1, 0.2, 0.1], 11)[:76]
        if spikes:
            size *= generator.random(76) < 0.25
        days = [int(each) for each in size]
        found.append((days[:56], sum(days[56:])))
    return found


@pytest.mark.parametrize(("weekdays", "spikes"), [(False, False), (True, False), (True, True)])
def test_four_in_five_periods_end_within_the_interval(weekdays: bool, spikes: bool) -> None:
    inside = above = 0
    known = months(7, weekdays=weekdays, spikes=spikes)
    for past, came in known:
        found = forecast(past, SPENT, 20)
        assert found is not None
        ended = SPENT.micros + came
        inside += found.lo.micros <= ended <= found.hi.micros
        above += ended > found.likely.micros
    assert 0.7 <= inside / len(known) <= 0.9
    assert 0.4 <= above / len(known) <= 0.6


def test_a_spend_that_repeats_itself_is_foretold_to_the_micro_unit() -> None:
    found = forecast(WEEK * 4, SPENT, 10)
    assert found is not None
    ahead = SPENT.micros + sum(WEEK) + sum(WEEK[:3])
    assert found.likely.micros == found.lo.micros == found.hi.micros == ahead
    assert [each[0] for each in found.by_day[:2]] == [SPENT.micros + 100, SPENT.micros + 210]
    assert (found.days, f"{DRAWS:,}" in found.method) == (28, True)


def test_it_follows_the_weekday_when_the_past_is_no_whole_number_of_weeks() -> None:
    found = forecast([*WEEK * 4, *WEEK[:3]], SPENT, 2)
    assert found is not None
    assert found.likely.micros == SPENT.micros + 130 + 140


def test_too_few_days_are_unknown_and_days_before_the_first_cost_do_not_count() -> None:
    assert forecast([9] * 13, SPENT, 10) is None
    assert forecast([0] * 60 + [9] * 13, SPENT, 10) is None
    assert forecast([], SPENT, 10) is None
    assert forecast([0] * 60, SPENT, 10) is None
    assert forecast([9] * 14, SPENT, 10) is not None


def test_a_period_that_is_over_comes_to_what_was_spent() -> None:
    found = forecast(WEEK * 4, SPENT, 0)
    assert found is not None
    assert (found.likely, found.lo, found.hi, found.by_day) == (SPENT, SPENT, SPENT, ())


def test_no_future_takes_money_back_unless_the_past_did() -> None:
    days = [0, 0, 0, 0, 0, 0, 10**9] * 3
    found = forecast(days, SPENT, 5)
    assert found is not None
    assert found.lo.micros >= SPENT.micros


def test_rows_become_one_number_a_day_and_currencies_stay_apart() -> None:
    march = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC))
    rows = [
        (date(2026, 3, 2), "USD", 5, 0),
        (date(2026, 3, 2), "USD", 2, 0),
        (date(2026, 3, 4), "EUR", 7, 0),
        (date(2026, 3, 4), "", 0, 3),
    ]
    found = gathered(rows, "USD", march)
    assert found.micros == (0, 7, 0, 0)
    assert (found.unpriced, found.elsewhere) == (3, (Money("EUR", 7),))
    assert (found.total, found.is_whole) == (Money("USD", 7), False)
    assert found.since(date(2026, 3, 2)).micros == (7, 0, 0)
