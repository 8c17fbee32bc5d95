"""Ids, states and time."""

import uuid

import pytest

from services.kernel.clock import FixedClock, SystemClock
from services.kernel.error import InvalidInput, InvalidTransition
from services.kernel.identity import new_id
from services.kernel.lifecycle import Lifecycle
from services.kernel.period import Period


def test_ids_are_version_seven_and_sort_by_time() -> None:
    ids = [uuid.UUID(new_id()) for _ in range(1000)]
    assert {each.version for each in ids} == {7}
    assert {each.variant for each in ids} == {uuid.RFC_4122}
    stamps = [each.int >> 80 for each in ids]
    assert stamps == sorted(stamps)
    assert len(set(ids)) == 1000


def test_a_state_table_refuses_what_does_not_follow() -> None:
    door = Lifecycle("door", "open", {"open": frozenset({"shut"})})
    door.check("open", "shut")
    assert door.is_final("shut")
    with pytest.raises(InvalidTransition):
        door.check("shut", "open")


def test_a_period_is_half_open(clock: FixedClock) -> None:
    start = clock.now()
    clock.advance(60)
    period = Period(start, clock.now())
    assert period.covers(start)
    assert not period.covers(clock.now())
    with pytest.raises(InvalidInput):
        Period(clock.now(), start)


def test_the_clock_is_aware() -> None:
    assert SystemClock().now().tzinfo is not None
