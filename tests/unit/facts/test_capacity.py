"""How many servers a course of requests needs, and what may make a model answer with less."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.facts.service_level import capacity
from services.facts.service_level.hints import hints
from services.facts.service_level.types import ServingUse

USE = ServingUse(
    "loan", 1, date(2026, 2, 1), date(2026, 3, 2), 5_000, 5_000, 500, 2_000, 0.02, 15.0, 40.0, {}, 2_000_000,
    datetime(2026, 3, 3, tzinfo=UTC),
)  # fmt: skip


def test_littles_law_says_how_many_are_in_service_at_once() -> None:
    # 36,000 an hour are 10 a second; at 0.5 s each 5 are in service at once.
    assert capacity.replicas(36_000, 0.5, target=1.0) == 5
    assert capacity.replicas(36_000, 0.5) == 8  # ceil(5 / 0.7)
    assert capacity.replicas(36_000, 0.5, at_once=4) == 2
    assert capacity.replicas(0, 0.5) == 1


def test_hours_without_a_request_belong_to_the_course() -> None:
    seen = capacity.curve({100: 10, 101: 30}, 100)
    assert seen is not None
    assert (seen.p50, seen.p95, seen.p99, seen.peak, seen.mean) == (0, 0, 10, 30, 0.4)
    assert capacity.curve({}, 0) is None


def test_following_the_requests_saves_what_waits_for_the_peak() -> None:
    # One hour of ten asks for 4 replicas, the other nine for one each: 13 of 40 replica hours.
    needs = capacity.scaling(dict.fromkeys(range(9), 3600) | {9: 10_000}, 10, 1.0)
    assert needs is not None
    assert (needs.steady, needs.busy, needs.peak) == (2, 4, 4)
    assert needs.idle_share == pytest.approx(1 - (9 * 2 + 4) / 40)
    assert needs.headroom == pytest.approx(0.7 * 3_600 / 10_000)
    assert capacity.scaling({}, 10, 1.0) is None
    assert capacity.scaling({1: 5}, 10, 0.0) is None


def test_shares_of_repeated_questions_are_unknown_where_no_input_is() -> None:
    assert USE.repeated == (0.1, 0.4)
    assert replace(USE, comparable=0).repeated is None
    assert USE.days == 30


def test_hints_follow_from_size_and_times_and_few_requests_say_nothing() -> None:
    assert hints(USE) == ()
    large = replace(USE, model_bytes=900_000_000, p50_ms=300.0, p95_ms=400.0)
    assert [each.split(":")[0] for each in hints(large)] == ["quantise or prune", "distil"]
    slow = replace(USE, p50_ms=300.0, p95_ms=400.0)
    assert hints(slow)[0].startswith("profile what surrounds the model")
    uneven = replace(USE, p95_ms=90.0)
    assert hints(uneven)[0].startswith("look at the slow twentieth")
    assert hints(replace(large, requests=10)) == ()
    assert hints(replace(slow, model_bytes=None)) == ()
