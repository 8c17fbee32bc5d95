"""Quotes: a bound, an interval from past runs, and whether there is money."""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from services.decisions.retraining.affording import Budget, refusal
from services.decisions.retraining.quoting import Plan, Power, approval, likely, quote
from services.facts.cost.types import Allocation, Spent
from services.kernel.money import Money, Rate

AT = datetime(2026, 3, 14, tzinfo=UTC)
RATES = {
    "cpu": Rate("p1", "cpu", "cpu-hour", Money("USD", 40_000)),
    "memory": Rate("p2", "memory", "gb-hour", Money("USD", 5_000)),
    "gpu:h100": Rate("p3", "gpu:h100", "gpu-hour", Money("USD", 5_000_000), sample=True),
}
PLAN = Plan(Allocation(2, 4, 1, "H100"), 3600, 3, grace_seconds=0)


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def test_the_worst_case_is_every_attempt_at_its_limit() -> None:
    quoted = quote(PLAN, RATES, "USD", AT)
    assert quoted.worst == usd("15.30")
    assert quoted.gpu_hours == 3.0
    assert quoted.prices == ("p1", "p2", "p3")
    assert quoted.sample_prices
    assert quote(replace(PLAN, grace_seconds=60), RATES, "USD", AT).worst == usd("15.555")


CHEAP = {
    "cpu": Rate("s1", "cpu", "cpu-hour", Money("USD", 20_000)),
    "memory": Rate("s2", "memory", "gb-hour", Money("USD", 2_000)),
    "gpu:h100": Rate("s3", "gpu:h100", "gpu-hour", Money("USD", 2_000_000)),
}


def test_what_begins_on_spot_may_end_on_demand_and_the_bound_says_so() -> None:
    plan = replace(PLAN, past_seconds=(1800.0, 1800.0, 1800.0))
    stays, begins = quote(plan, RATES, "USD", AT), quote(plan, RATES, "USD", AT, spot=CHEAP)
    assert begins.worst == stays.worst
    assert begins.hi == stays.hi
    assert begins.likely == usd("1.024")  # half an hour of 2 × 0.02 + 4 × 0.002 + 2
    assert begins.lo == usd("1.024")
    assert begins.terms == "on spot, on demand after 2 interruptions"
    assert stays.terms == ""
    assert begins.prices == ("s1", "s2", "s3", "p1", "p2", "p3")


def test_spot_without_a_price_is_unknown_and_never_the_price_on_demand() -> None:
    found = quote(PLAN, RATES, "USD", AT, spot={**CHEAP, "gpu:h100": None})
    assert (found.worst, found.unpriced) == (None, ("gpu:h100",))


def test_what_has_no_price_leaves_the_quote_unknown() -> None:
    quoted = quote(PLAN, {**RATES, "gpu:h100": None}, "USD", AT)
    assert (quoted.worst, quoted.unpriced) == (None, ("gpu:h100",))
    assert quoted.prices == ("p1", "p2")


def test_fewer_than_three_runs_make_no_interval() -> None:
    quoted = quote(replace(PLAN, past_seconds=(60.0, 70.0)), RATES, "USD", AT)
    assert (quoted.likely, quoted.lo, quoted.seconds) == (None, None, None)
    assert quoted.method == "2 past runs are too few for an interval; 3 are the least"
    assert quoted.level is None


def test_the_interval_is_students_on_the_logarithm() -> None:
    """Of runs of 1, e and e^2 seconds the mean logarithm is 1 and its deviation 1; t(0.9, 2) = 1.88562."""
    span = likely([1.0, math.e, math.e**2], 1e9)
    assert span is not None
    half = 1.885618083164127 * math.sqrt(4 / 3)
    assert span.likely == pytest.approx(math.e)
    assert (span.lo, span.hi) == pytest.approx((math.exp(1 - half), math.exp(1 + half)))
    capped = likely([1.0, math.e, math.e**2], 5.0)
    assert capped is not None
    assert capped.hi == 5.0


def test_four_in_five_next_runs_end_within_the_interval() -> None:
    drawn = np.random.default_rng(7).lognormal(5, 0.6, (2000, 6))
    spans = [likely(list(row[:5]), 1e9) for row in drawn]
    inside = [span.lo <= row[5] <= span.hi for span, row in zip(spans, drawn, strict=True) if span]
    assert 0.77 < sum(inside) / len(inside) < 0.83


def test_energy_is_told_only_where_somebody_says_the_power() -> None:
    assert quote(PLAN, RATES, "USD", AT).kwh is None
    powered = quote(replace(PLAN, power=Power(700.0, "data sheet")), RATES, "USD", AT)
    assert powered.kwh == pytest.approx(2.1)
    assert powered.kwh_source == "data sheet"


@dataclass(frozen=True)
class Row:
    over: Money
    quorum: str


ROWS = [Row(usd("50"), "two"), Row(usd("0"), "one")]


@pytest.mark.parametrize(
    ("worst", "wanted"),
    [("0", "one"), ("49.999999", "one"), ("50", "two"), ("1000000000", "two")],
)
def test_the_dearest_row_that_is_reached_says_who_signs(worst: str, wanted: str) -> None:
    found = approval(ROWS, usd(worst))
    assert found is not None
    assert found.quorum == wanted


def test_what_nobody_can_price_needs_the_strictest_row() -> None:
    for worst in (None, Money("EUR", 1)):
        found = approval(ROWS, worst)
        assert found is not None
        assert found.quorum == "two"
    assert approval(ROWS[:1], usd("49")) is None
    assert approval(list[Row](), None) is None


QUOTED = quote(PLAN, RATES, "USD", AT)


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (Budget(None, None, Spent(usd("999"))), ""),
        (Budget(usd("200"), usd("50"), Spent(usd("0"))), ""),
        (Budget(usd("200"), usd("15.30"), Spent(usd("184.70"))), ""),
        (Budget(None, usd("15.29"), Spent(usd("0"))), "that one ticket may cost"),
        (Budget(usd("200"), None, Spent(usd("184.71"))), "above the 15.29 USD left"),
        (Budget(usd("20"), None, Spent(usd("0")), (usd("4.71"),)), "above the 15.29 USD left"),
        (Budget(usd("200"), None, Spent(usd("0"), unpriced=2)), "2 lines of this month's costs"),
        (Budget(usd("200"), None, Spent(usd("0"), 0, (Money("EUR", 1),))), "are in EUR"),
        (Budget(usd("200"), None, Spent(usd("0")), (None,)), "another ticket under way is unknown"),
    ],
)  # fmt: skip
def test_a_ticket_starts_only_where_its_worst_case_is_covered(budget: Budget, words: str) -> None:
    said = refusal(QUOTED, budget)
    assert words in said
    assert bool(said) is bool(words)


def test_a_worst_case_nobody_knows_is_not_covered() -> None:
    unknown = quote(PLAN, {}, "USD", AT)
    said = refusal(unknown, Budget(None, usd("50"), Spent(usd("0"))))
    assert said.startswith("cpu, memory, gpu:h100 has no price")
    assert refusal(unknown, Budget(None, None, Spent(usd("0")))) == ""
