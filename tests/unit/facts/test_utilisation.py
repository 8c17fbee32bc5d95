"""How busy the hardware of a run was: samples weighed by time, and what they say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.facts.utilisation import reading, rules, series
from services.facts.utilisation.types import Finding, RunFacts, Source, Track

AT = datetime(2026, 3, 14, 9, tzinfo=UTC)
BEGAN = AT.timestamp()
RUN = RunFacts("r1", "loan", "1", "fine-tune", "FINISHED", AT, AT + timedelta(hours=1))


def _even(value: float, n: int = 360, every: float = 10.0) -> Track:
    """A metric sampled at the end of each interval."""
    return Track(tuple(BEGAN + every * (i + 1) for i in range(n)), (value,) * n)


def test_a_sample_counts_for_the_time_since_the_one_before() -> None:
    uneven = series.track([(BEGAN + 10, 1.0), (BEGAN + 20, 0.0), (BEGAN + 45, 1.0)])
    held = series.weighed(series.stretches(uneven, BEGAN, BEGAN + 45))
    assert held is not None
    assert held.seconds == 45
    assert held.mean == pytest.approx(35 / 45)
    assert (held.p50, held.p95, held.peak) == (1.0, 1.0, 1.0)


def test_a_pause_is_unknown_and_no_idleness() -> None:
    before, after = _even(100, 30), Track((BEGAN + 1800 + 10, BEGAN + 1800 + 20), (100, 100))
    paused = Track(before.at + after.at, before.values + after.values)
    held = series.stretches(paused, BEGAN, BEGAN + 3600)
    assert sum(each.seconds for each in held) == 320
    use = rules.audit(RUN, {"system/gpu_0_utilization_percentage": paused}, AT, "gpu")
    assert use.idle_hours == 0
    assert use.known_hours == pytest.approx(320 / 3600)
    assert use.gpu_hours == 1
    assert use.coverage == pytest.approx(320 / 3600)


def test_of_two_samples_at_one_instant_the_later_counts_and_nan_never() -> None:
    assert series.track([(2.0, 5.0), (1.0, 3.0), (2.0, 6.0), (3.0, float("nan"))]) == Track(
        (1.0, 2.0), (3.0, 6.0)
    )


def test_samples_outside_the_run_are_left_out() -> None:
    held = series.stretches(_even(50, 10), BEGAN + 25, BEGAN + 52)
    assert [(each.start - BEGAN, each.end - BEGAN) for each in held] == [
        (25, 30), (30, 40), (40, 50), (50, 52),
    ]  # fmt: skip


def test_names_of_mlflow_are_read_with_nodes_and_without() -> None:
    names = [
        "system/gpu_0_utilization_percentage", "system/node-1/gpu_12_power_usage_watts",
        "system/cpu_utilization_percentage", "system/gpu_0_power_usage_percentage",
        "system/disk_usage_percentage", "loss", "gpu_0_utilization_percentage",
    ]  # fmt: skip
    assert reading.keys(names) == sorted([names[0], names[1], names[2]])
    tracks = {
        "system/node-1/gpu_12_utilization_percentage": _even(80),
        "system/node-1/gpu_12_power_usage_watts": _even(300),
    }
    (found,) = reading.gpus(tracks, BEGAN, BEGAN + 3600)
    assert found.name == "node-1/12"
    assert found.kwh == pytest.approx(0.3)


def test_an_idle_gpu_is_found() -> None:
    tracks = {
        "system/gpu_0_utilization_percentage": _even(0),
        "system/gpu_1_utilization_percentage": _even(90),
    }
    use = rules.audit(RUN, tracks, AT, "gpu")
    assert (use.gpus, use.gpu_hours, use.known_hours) == (2, 2, 2)
    assert use.idle_hours == pytest.approx(1)
    assert use.busy == pytest.approx(0.45)
    assert use.findings == (Finding.IDLE,)


def test_a_gpu_that_waits_for_busy_processors_is_bound_by_them() -> None:
    tracks = {
        "system/gpu_0_utilization_percentage": _even(12),
        "system/cpu_utilization_percentage": _even(93),
    }
    use = rules.audit(RUN, tracks, AT, "gpu")
    assert use.starved_share == 1
    assert use.findings == (Finding.CPU_BOUND,)
    calm = {**tracks, "system/cpu_utilization_percentage": _even(20)}
    assert rules.audit(RUN, calm, AT, "gpu").findings == ()


def test_a_run_that_fits_a_smaller_type_is_over_sized() -> None:
    tracks = {
        "system/gpu_0_utilization_percentage": _even(8),
        "system/gpu_0_memory_usage_percentage": _even(10),
        "system/gpu_0_memory_usage_megabytes": _even(8_000),
    }
    use = rules.audit(RUN, tracks, AT, "gpu:h100-80gb-hbm3")
    assert use.memory_gb == pytest.approx(80)
    assert use.findings == (Finding.OVER_SIZED,)
    assert "gpu:l4" in use.smaller
    assert "gpu:h200" not in use.smaller
    full = {**tracks, "system/gpu_0_memory_usage_percentage": _even(90)}
    assert "gpu:l4" not in rules.audit(RUN, full, AT, "gpu:h100").smaller
    busy = {**tracks, "system/gpu_0_utilization_percentage": _even(99)}
    assert rules.audit(RUN, busy, AT, "gpu:h100").findings == ()
    assert rules.audit(RUN, tracks, AT, "gpu").findings == ()


def test_without_samples_a_run_is_unknown_and_not_idle() -> None:
    use = rules.audit(replace(RUN, declared_gpus=4), {"system/cpu_utilization_percentage": _even(5)}, AT, "gpu")  # fmt: skip
    assert use.source is Source.NOBODY
    assert not use.is_known
    assert (use.gpus, use.gpu_hours) == (4, 4)
    assert (use.idle_hours, use.busy, use.findings) == (None, None, ())
    assert use.cpu == pytest.approx(0.05)
    assert rules.audit(RUN, {}, AT, "gpu").gpu_hours is None


def test_a_moment_of_samples_says_nothing() -> None:
    use = rules.audit(RUN, {"system/gpu_0_utilization_percentage": _even(0, 3)}, AT, "gpu")
    assert use.idle_hours == pytest.approx(30 / 3600)
    assert use.findings == ()


def test_a_clock_that_ran_backwards_is_no_time() -> None:
    back = replace(RUN, ended_at=AT - timedelta(hours=2))
    use = rules.audit(back, {"system/gpu_0_utilization_percentage": _even(0)}, AT, "gpu")
    assert (use.hours, use.gpu_hours, use.known_hours) == (0, 0, 0)
    assert use.findings == ()


def test_our_own_sampler_says_what_it_knows_and_nothing_else() -> None:
    usage = {"gpu_busy_share": 0.02, "gpu_seconds": 7200.0, "gpu_idle_share": 0.9}
    use = rules.of_sampler(replace(RUN, declared_gpus=2), [usage], AT, "gpu")
    assert use.source is Source.SAMPLER
    assert use.idle_hours == pytest.approx(1.8)
    assert use.busy_p95 is None
    assert use.findings == (Finding.IDLE,)
    older = {"gpu_busy_share": 0.92, "gpu_seconds": 7200.0}
    both = rules.of_sampler(RUN, [usage, older], AT, "gpu")
    assert (both.idle_hours, both.findings) == (None, ())
    assert both.busy == pytest.approx(0.47)
    blind = rules.of_sampler(RUN, [usage, {"gpu_seconds": 3600.0}], AT, "gpu")
    assert (blind.gpu_hours, blind.known_hours) == (3, 2)
    assert not rules.of_sampler(RUN, [{"gpu_busy_share": None}], AT, "gpu").is_known
