"""Latency histograms against exact quantiles; requests, errors and silence of a window."""

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.facts.evidence.types import MeasurementStatus
from services.facts.service_level import histogram, measuring
from services.facts.service_level.histogram import LatencyHistogram
from services.kernel.error import IntegrityBroken
from tests.unit.facts.log_rows import END, START, by_name, rows

KINDS = {
    "lognormal": lambda g, n: g.lognormal(4, 0.8, n),
    "two servers": lambda g, n: np.where(g.random(n) < 0.9, g.gamma(9, 5, n), g.gamma(9, 60, n)),
    "exponential": lambda g, n: g.exponential(80, n) + 0.2,
    "rounded": lambda g, n: np.maximum(1, np.round(g.lognormal(4, 0.5, n))),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_a_quantile_is_off_by_half_a_per_cent_at_most(kind: str, share: float) -> None:
    for seed in range(25):
        values = KINDS[kind](np.random.default_rng(seed), 400)
        exact = np.quantile(values, share, method="inverted_cdf")
        found = LatencyHistogram.of(values).quantile(share)
        assert found.value == pytest.approx(exact, rel=0.005)


def test_the_interval_of_a_quantile_holds_the_true_one_in_95_of_100_windows() -> None:
    true = float(np.exp(4 + 0.8 * 1.6448536269514722))
    generator = np.random.default_rng(11)
    held = 0
    for _ in range(500):
        found = LatencyHistogram.of(generator.lognormal(4, 0.8, 300)).quantile(0.95)
        assert found.lo is not None
        assert found.hi is not None
        assert found.lo <= found.value <= found.hi
        held += found.lo <= true <= found.hi
    assert 0.94 <= held / 500 <= 0.99  # order statistics are never too narrow


def test_histograms_of_five_minutes_add_up_and_percentiles_do_not_average() -> None:
    generator = np.random.default_rng(3)
    quiet = [generator.lognormal(3.5, 0.3, 60) for _ in range(11)]
    parts = [*quiet, generator.lognormal(6, 0.3, 2_000)]  # five busy and slow minutes of an hour
    added = histogram.merge([LatencyHistogram.of(part) for part in parts])
    exact = np.quantile(np.concatenate(parts), 0.95, method="inverted_cdf")
    assert added.quantile(0.95).value == pytest.approx(exact, rel=0.005)
    averaged = np.mean([np.quantile(part, 0.95, method="inverted_cdf") for part in parts])
    assert averaged < 0.3 * exact


latencies = st.lists(st.floats(0, 1e6), min_size=1, max_size=80)


@settings(deadline=None)
@given(latencies, st.integers(0, 80))
def test_in_pieces_and_out_of_storage_it_is_the_same(values: list[float], cut: int) -> None:
    whole = LatencyHistogram.of(np.array(values))
    parts = [LatencyHistogram.of(np.array(each)) for each in (values[:cut], values[cut:])]
    assert (histogram.merge(parts).counts == whole.counts).all()
    assert (histogram.unpack(whole.pack()).counts == whole.counts).all()
    assert whole.n == len(values)


def test_what_was_stored_does_not_change_its_form() -> None:
    packed = LatencyHistogram.of(np.array([0.05, 10.0, 10.0, 250.0, 3e5])).pack()
    assert packed[:1] == b"\x01"
    again = histogram.unpack(packed)
    assert np.flatnonzero(again.counts).tolist() == [0, 462, 786, 1_389]
    assert again.counts[462] == 2
    for broken in (b"", b"\x02" + packed[1:], packed[:-4], b"\x01abc"):
        with pytest.raises(IntegrityBroken):
            histogram.unpack(broken)


def test_latencies_that_are_none_are_left_out_and_endless_ones_are_not() -> None:
    odd = LatencyHistogram.of(np.array([np.nan, -1.0, 0.0, np.inf, 5.0]))
    assert (odd.n, odd.counts[0], odd.counts[-1]) == (3, 1, 1)
    slow = LatencyHistogram.of(np.full(100, np.inf)).quantile(0.5)
    assert slow.hi is None


def window(n: int, **columns: Any) -> pa.Table:
    return rows(n, latency_ms=np.linspace(10, 200, n), **columns)


def test_a_window_tells_requests_errors_latency_and_silence() -> None:
    table = window(1_000, status=["error"] * 20 + ["ok"] * 980)
    found = by_name(measuring.measure(table, START, END))
    assert found["service.requests"].value == 1_000
    errors = found["service.error_rate"]
    assert errors.value == pytest.approx(0.02)
    assert errors.lo == pytest.approx(0.01298, abs=1e-5)
    assert errors.hi == pytest.approx(0.03069, abs=1e-5)
    median = found["service.latency_p50_ms"]
    assert median.n == 980  # what failed took no time to answer
    assert median.value == pytest.approx(106.9, rel=0.01)
    assert found["service.silence_hours"].value == pytest.approx(0.024)


def test_fewer_than_fifty_answers_have_no_percentile() -> None:
    found = by_name(measuring.measure(window(49), START, END))
    assert found["service.latency_p95_ms"].status is MeasurementStatus.TOO_FEW
    assert found["service.latency_p95_ms"].value is None
    enough = by_name(measuring.measure(window(50), START, END))["service.latency_p95_ms"]
    assert enough.value is not None
    assert enough.hi is None  # fifty rows do not bound their 95th percentile from above


def test_a_window_without_rows_is_silent_and_not_well() -> None:
    empty = window(5).slice(0, 0)
    found = by_name(measuring.measure(empty, START, END))
    assert found["service.requests"].value == 0
    assert found["service.error_rate"].status is MeasurementStatus.TOO_FEW
    silence = found["service.silence_hours"]
    assert (silence.value, silence.lo, silence.hi) == (24.0, 24.0, None)
    before = START - timedelta(hours=6)
    told = by_name(measuring.measure(empty, START, END, last=before))["service.silence_hours"]
    assert (told.value, told.hi) == (30.0, 30.0)


def test_the_five_minutes_before_an_instant_are_half_open() -> None:
    table = rows(288 * 4, latency_ms=[10.0] * (288 * 4))  # a row every 75 seconds
    found = by_name(measuring.five_minutes(table, START + timedelta(minutes=10)))
    assert found["service.requests"].value == 4
    assert found["service.requests"].start == START + timedelta(minutes=5)


def test_a_log_without_latencies_says_so() -> None:
    found = by_name(measuring.measure(rows(100), START, END))
    assert found["service.latency_p99_ms"].status is MeasurementStatus.TOO_FEW
    assert found["service.latency_p99_ms"].n == 0
