"""A window that is too long to be held: what adds up is exact, what does not comes from a sample."""

import subprocess
import sys
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from services.facts.drift.codec import unpack_profile
from services.facts.window.types import Granularity, Monitor, Watched, WindowMetric
from services.kernel.identity import ModelRef
from services.kernel.period import Period
from services.workflows.monitoring import gathering, reference
from services.workflows.monitoring.gathering import Inputs, Sample
from services.workflows.monitoring.measuring import Found, Measuring
from services.workflows.monitoring.types import Due
from tests.unit.facts.log_rows import START

DAY = timedelta(days=1)
DAYS = 30
PERIOD = Period(START, START + DAYS * DAY)


def rows(day: int, n: int) -> pa.Table:
    """Rows of one day; one in five is asked twice, one in fifty fails, half of the outcomes are known."""
    drawn = np.random.default_rng([day, n])
    at = pa.array([START + day * DAY + DAY * k / n for k in range(n)], pa.timestamp("us", "UTC"))
    asked = np.where(drawn.random(n) < 0.2, np.arange(n) // 5 * 5, np.arange(n))
    inputs = np.random.default_rng([day, 1]).normal(day / 30, 1, n)[asked]
    score = 1 / (1 + np.exp(-inputs))
    outcome = np.where(drawn.random(n) < 0.5, (drawn.random(n) < score).astype(float), np.nan)
    return pa.table(
        {
            "prediction_id": [f"{day}-{k}" for k in range(n)],
            "at": at,
            "received_at": at,
            "version": np.ones(n, dtype=np.int64),
            "status": np.where(drawn.random(n) < 0.02, "error", "ok"),
            "latency_ms": drawn.gamma(2, 20, n),
            "score": score,
            "prediction": (score >= 0.5).astype(np.int64),
            "outcome": pa.array(outcome, from_pandas=True),
            "f_x": inputs,
            "f_word": drawn.choice(["a", "b", "c"], n),
            "s_word": drawn.choice(["north", "south"], n),
            "caller_hash": drawn.choice(["c1", "c2"], n),
        }
    )


def measuring(table: pa.Table | None = None) -> Measuring:
    table = rows(99, 2_000) if table is None else table
    columns = (
        Watched("x", "f_x", "number"), Watched("word", "f_word", "category"),
        Watched("score", "score", "number"), Watched("outcome", "outcome", "category"),
    )  # fmt: skip
    stored = {each.feature: each for each in reference.bins(table, columns)}
    ref = ModelRef("r", "w", "m", 1, "run", "uri")
    monitor = Monitor(
        "m", ref, Granularity.MONTH, "classification", columns, "ab" * 32, 2_000, START, 0.5, 1,
        ("word",),
    )  # fmt: skip
    return Measuring.of(monitor, reference.to_bytes(table), stored)


def due(n: int) -> Due:
    return Due(PERIOD, (), n, 0, "stamp", closed=True)


def by(found: Found) -> dict[tuple[str, str, str], WindowMetric]:
    return {(each.metric, each.feature, each.segment): each for each in found.numbers}


@pytest.fixture(scope="module")
def both() -> tuple[Found, Found]:
    """Return a month held at once, and the same month read by day with a sample of a third."""
    days, made = [rows(day, 500) for day in range(DAYS)], measuring()
    whole = made.window(pa.concat_tables(days), due(15_000), START)
    long, sample = made.long(iter(days), due(15_000), START, most=5_000)
    assert sample.num_rows == 5_000
    return whole, long


def test_what_adds_up_is_the_same_to_the_last_bit(both: tuple[Found, Found]) -> None:
    whole, long = both
    assert (long.seen, dict(long.callers)) == (whole.seen, dict(whole.callers))
    held = {(each.feature, each.segment): each for each in whole.profiles}
    assert {(each.feature, each.segment) for each in long.profiles} == set(held)
    assert ("x", "word=north") in held
    for each in long.profiles:
        one, two = (unpack_profile(e.profile) for e in (each, held[each.feature, each.segment]))
        assert (one.counts == two.counts).all()
        assert (one.nulls, one.smallest, one.largest) == (two.nulls, two.smallest, two.largest)
        assert one.total == pytest.approx(two.total, rel=1e-12)
    exact = ("drift.ks", "drift.psi", "drift.jensen_shannon", "drift.largest_change", "service.requests",
        "service.error_rate", "service.latency_p50_ms", "service.latency_p99_ms", "service.silence_hours",
        "performance.label_coverage", "data_quality.missing_share", "data_quality.duplicate_share")  # fmt: skip
    first, second = by(whole), by(long)
    repeated = "data_quality.duplicate_share"
    asked = [key for key in first if key[0] in exact and not (key[2] and key[0] == repeated)]
    assert {key[0] for key in asked} == set(exact)
    assert [key for key in asked if first[key] != second[key]] == []


def test_what_does_not_add_up_comes_from_a_sample_of_all_days(both: tuple[Found, Found]) -> None:
    first, second = (by(each) for each in both)
    for name in ("performance.accuracy", "performance.auc", "drift.low_confidence_share"):
        one, two = first[name, "", ""], second[name, "", ""]
        assert two.n < one.n
        assert one.value != two.value
        assert one.value == pytest.approx(two.value, abs=0.04)


def test_a_pinned_segment_has_every_number_of_its_rows_and_none_of_others(
    both: tuple[Found, Found],
) -> None:
    first = by(both[0])
    ours = {name for name, feature, segment in first if segment == "word=north" and not feature}
    alone = {
        "service.suspicious_callers", "performance.accuracy_gap_pooled", "drift.skew_differences",
    }  # fmt: skip
    assert ours == {name for name, feature, segment in first if not (feature or segment)} - alone
    parts = [first["performance.accuracy", "", f"word={each}"] for each in ("north", "south")]
    whole = first["performance.accuracy", "", ""]
    assert sum(each.n for each in parts) == whole.n
    right = sum((each.value or 0) * each.n for each in parts)
    assert right == pytest.approx((whole.value or 0) * whole.n)
    requests = [first["service.requests", "", f"word={each}"].value for each in ("north", "south")]
    assert sum(each or 0 for each in requests) == 15_000


def test_what_scores_promise_in_a_segment_is_learned_from_its_own_rows() -> None:
    table = rows(0, 2_000)
    south = np.asarray(table.column("s_word").to_pylist()) == "south"
    coin = np.random.default_rng(5).random(2_000)
    truth = np.where(south, coin, table.column("score").to_numpy()) >= 0.5
    known = ~np.isnan(table.column("outcome").to_numpy(zero_copy_only=False))
    said = pa.array(np.where(known, truth.astype(float), np.nan), from_pandas=True)
    table = table.set_column(table.schema.get_field_index("outcome"), "outcome", said)
    found = by(measuring(table).window(table, due(2_000), START))
    promised = "performance.estimated_accuracy"
    assert (found[promised, "", "word=north"].value or 0) > 0.95
    assert (found[promised, "", "word=south"].value or 1) < 0.6
    gap = found["performance.accuracy_gap", "", "word=south"]
    assert (gap.lo or 0) < 0 < (gap.hi or 0)


def test_a_segment_that_the_reference_does_not_know_promises_nothing() -> None:
    made = measuring()
    table = rows(1, 400)
    place = table.schema.get_field_index("s_word")
    east = table.set_column(place, "s_word", pa.array(["east"] * 400))
    found = by(made.window(east, due(400), START))
    assert ("performance.estimated_accuracy", "", "word=east") not in found
    assert found["performance.accuracy", "", "word=east"].n > 30


def test_a_sample_holds_each_row_with_the_same_chance_and_is_drawn_again_alike() -> None:
    def drawn() -> Any:
        sample = Sample(2_000)
        for day in range(DAYS):
            sample.add(pa.table({"day": np.full(700, day), "k": np.arange(700)}))
        return sample.rows()

    found = drawn()
    assert found.equals(drawn())
    assert found.num_rows == 2_000
    days = found.column("day").to_numpy()
    assert (np.diff(days) >= 0).all()
    spread = np.bincount(days, minlength=DAYS)
    assert abs(spread - 2_000 / DAYS).max() < 5 * np.sqrt(2_000 / DAYS)
    few = Sample(50)
    few.add(pa.table({"k": np.arange(40)}))
    assert few.rows().column("k").to_pylist() == list(range(40))
    assert Sample().rows().num_rows == 0


def test_repeated_inputs_of_very_many_rows_are_told_from_some_of_the_inputs() -> None:
    inputs = Inputs(most=4_000)
    twice = np.random.default_rng(5)
    for _ in range(20):
        values = twice.normal(size=1_000)
        inputs.add(pa.table({"f_x": np.concatenate([values, values[:250]])}))
    repeated, kept = inputs.repeated()
    assert kept <= 4_000
    assert repeated / kept == pytest.approx(0.2, abs=0.03)


MEMORY = """
import resource, sys
import numpy as np, pyarrow as pa
from services.workflows.monitoring.types import Due
from tests.unit.workflows.test_long_windows import START, due, measuring, rows
made, day = measuring(), rows(1, 100_000)
made.long((rows(1, 1_000) for _ in range(2)), due(1), START)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found, sample = made.long((day for _ in range(int(sys.argv[1]))), due(1), START)
print(found.seen.rows, sample.num_rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_does_not_grow_with_the_rows_of_a_window() -> None:
    def ran(days: int) -> list[int]:
        command = [sys.executable, "-W", "ignore", "-c", MEMORY, str(days)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [int(each) for each in done.stdout.split()]

    rows_of_month, sample, megabytes = ran(24)
    assert (rows_of_month, sample) == (2_400_000, gathering.MOST)
    assert megabytes < 600
