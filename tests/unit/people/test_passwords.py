from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.error import InvalidInput
from services.people.session import argon2_adapter, rules

NOW = datetime(2026, 3, 14, tzinfo=UTC)


def test_a_password_of_a_megabyte_is_refused_before_it_is_hashed() -> None:
    with pytest.raises(InvalidInput, match="1,024 bytes"):
        rules.normal("x" * 1_000_000)


def test_the_limit_counts_bytes_not_characters() -> None:
    assert rules.normal("é" * 512) == "é" * 512
    with pytest.raises(InvalidInput):
        rules.normal("é" * 513)


@pytest.mark.parametrize("password", ["correct\0horse battery", "half \ud800 a pair, long"])
def test_a_password_that_cannot_be_typed_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be typed"):
        rules.acceptable(password, "ada@example.org")


@pytest.mark.parametrize(
    "password",
    ["            ", "short", "aaaaaaaaaaaaaaa", "ada.lovelace@example.org", "Ada.Lovelace"],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        rules.acceptable(password, "ada.lovelace@example.org")


def test_every_byte_of_a_long_password_counts() -> None:
    long = "0123456789abcdef" * 6
    kept = argon2_adapter.hashed(long)
    assert argon2_adapter.matches(long, kept)
    assert not argon2_adapter.matches(long[:-1] + "!", kept)
    assert not argon2_adapter.matches(long[:72], kept)


def test_the_same_keys_on_two_machines_are_the_same_password() -> None:
    composed, decomposed = "caf\u00e9 caf\u00e9 caf\u00e9", "cafe\u0301 cafe\u0301 cafe\u0301"
    assert composed != decomposed
    assert rules.normal(composed) == rules.normal(decomposed)


def test_the_hash_is_argon2id_with_19_mebibytes_and_two_passes() -> None:
    kept = argon2_adapter.hashed("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not argon2_adapter.outdated(kept)
    assert argon2_adapter.outdated("$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$c29tZWhhc2g")


def test_nobody_has_a_password_and_finding_out_computes_a_hash() -> None:
    assert not argon2_adapter.matches("anything at all", None)
    assert not argon2_adapter.matches("anything at all", "not a hash")


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (14, 512), (15, 900), (60, 900)],
)
def test_the_wait_doubles_with_every_failure_and_is_never_permanent(
    failures: int, seconds: int
) -> None:
    assert rules.wait(failures, rules.FREE_ACCOUNT_FAILURES, NOW, NOW) == timedelta(seconds=seconds)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=100, deadline=None)
def test_nobody_waits_longer_than_a_quarter_of_an_hour(failures: int, elapsed: int) -> None:
    left = rules.wait(failures, 4, NOW, NOW + timedelta(seconds=elapsed))
    assert timedelta(0) <= left <= timedelta(minutes=15)
    if elapsed >= 900:
        assert left == timedelta(0)
