"""Lines of the cost ledger: what a job held, priced in whole numbers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.facts.cost import rules
from services.facts.cost.types import Allocation, AttemptUse, Bearer, Use
from services.kernel.error import InvalidInput
from services.kernel.money import Money, Rate

AT = datetime(2026, 3, 14, 9, tzinfo=UTC)
HELD = Allocation(cpus=4, memory_gb=16, gpus=2, gpu_type="NVIDIA H100")
RATES = {
    "cpu": Rate("p1", "cpu", "cpu-hour", Money("USD", 40_000)),
    "memory": Rate("p2", "memory", "gb-hour", Money("USD", 5_000)),
    "gpu:h100": Rate("p3", "gpu:h100", "gpu-hour", Money("USD", 5_000_000)),
}
ATTEMPT = AttemptUse("a1", Bearer("loan", ticket_id="t1"), HELD, AT, AT + timedelta(minutes=30))


@pytest.mark.parametrize(
    ("named", "sku"),
    [
        ("NVIDIA H100", "gpu:h100"),
        ("h100", "gpu:h100"),
        ("NVIDIA H100 80GB HBM3", "gpu:h100-80gb-hbm3"),
        ("Tesla T4", "gpu:t4"),
        ("", "gpu"),
    ],
)
def test_a_gpu_is_sold_under_the_name_it_has(named: str, sku: str) -> None:
    assert rules.gpu_sku(named) == sku


def test_half_an_hour_costs_half_of_what_is_set_aside() -> None:
    lines = {each.use.sku: each for each in rules.of_attempt(ATTEMPT, RATES)}
    assert lines["cpu"].amount == Money("USD", 80_000)
    assert lines["memory"].amount == Money("USD", 40_000)
    assert lines["gpu:h100"].amount == Money("USD", 5_000_000)
    assert lines["gpu:h100"].use == Use("gpu:h100", "gpu-hour", Decimal(1))
    assert {each.source_id for each in lines.values()} == {
        "attempt:a1:cpu", "attempt:a1:memory", "attempt:a1:gpu:h100",
    }  # fmt: skip
    total, missing = rules.cost(HELD, Decimal(1800), RATES, "USD")
    assert (total, missing) == (Money("USD", 5_120_000), ())


def test_what_has_no_price_is_unpriced_and_never_nothing() -> None:
    without = {sku: rate for sku, rate in RATES.items() if sku != "memory"}
    lines = {each.use.sku: each for each in rules.of_attempt(ATTEMPT, without)}
    assert lines["memory"].amount is None
    assert lines["memory"].price_id == ""
    assert rules.cost(HELD, Decimal(1800), without, "USD") == (None, ("memory",))
    assert rules.cost(HELD, Decimal(1800), RATES, "EUR")[0] is None
    wrong = {**RATES, "memory": replace(RATES["memory"], unit="gb-month")}
    assert rules.cost(HELD, Decimal(1800), wrong, "USD") == (None, ("memory",))


def test_clocks_that_disagree_charge_nothing_below_zero() -> None:
    early = replace(ATTEMPT, ended_at=AT - timedelta(seconds=5))
    for line in rules.of_attempt(early, RATES):
        assert line.amount == Money("USD", 0)
        assert line.ends_at == line.starts_at


def test_a_millisecond_is_not_lost() -> None:
    """A millisecond of an hour is 1/3,600,000: the unit is kept to a millionth, half to even."""
    assert rules.uses(Allocation(1, 1), Decimal("3.6"))[0].quantity == Decimal("0.001")
    assert rules.uses(Allocation(1, 1), Decimal("0.0036"))[0].quantity == Decimal("0.000001")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ends_at": AT - timedelta(1)}, "is a clock wrong"),
        ({"starts_at": datetime(2026, 3, 14)}, "time zone"),
        ({"amount": Money("USD", -1)}, "write a correction"),
        ({"use": Use("cpu", "cpu-hour", Decimal(-1))}, "write a correction"),
        ({"amount": Money("USD", 10**16 + 1)}, "too large"),
        ({"use": Use("cpu", "cpu-hour", Decimal("NaN"))}, "finite"),
        ({"source_id": ""}, "is empty"),
    ],
)
def test_a_line_that_cannot_be_is_refused_in_words(change: dict, words: str) -> None:
    line = rules.of_attempt(ATTEMPT, RATES)[0]
    with pytest.raises(InvalidInput, match=words):
        rules.checked([replace(line, **change)])


def test_one_source_stands_once_in_a_batch() -> None:
    line = rules.of_attempt(ATTEMPT, RATES)[0]
    with pytest.raises(InvalidInput, match="twice in one batch"):
        rules.checked([line, line])
    taken = replace(line, source_id="c", corrects=line.source_id, amount=Money("USD", -1))
    assert len(rules.checked([line, taken])) == 2
    credit = replace(line, amount=Money("USD", -1), estimated=False)
    assert rules.checked([credit]) == [credit]
