"""One way to write a value as bytes."""

import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.kernel.error import InvalidInput
from services.kernel.identity import Tier
from services.record.canonical import canonical


def test_keys_are_sorted_by_utf16_units_and_numbers_are_short() -> None:
    assert canonical({"b": 1.0, "a": 1e-7, "\U0001f600": 1, "\ufb33": 2}) == (
        b'{"a":1e-7,"b":1,"\xf0\x9f\x98\x80":1,"\xef\xac\xb3":2}'
    )


def test_what_json_cannot_say_exactly_becomes_a_string() -> None:
    held = {
        "big": 2**60,
        "money": Decimal("0.10"),
        "at": datetime(2026, 3, 1, tzinfo=UTC),
        "t": Tier.HIGH,
    }
    assert canonical(held) == (
        b'{"at":"2026-03-01T00:00:00Z","big":"1152921504606846976","money":"0.10","t":"high"}'
    )


@pytest.mark.parametrize(
    "wrong", [math.nan, math.inf, {1}, b"x", object(), "\ud800", Decimal("NaN")]
)
def test_what_has_no_word_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidInput):
        canonical({"x": wrong})


def test_nesting_has_an_end() -> None:
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(InvalidInput):
        canonical(deep)
