"""What spot would have cost, held against closed forms and a simulation."""

import math
import random

import pytest

from services.facts.utilisation import sharing, spot
from services.facts.utilisation.spot import Checkpointing, Interruptions


def test_a_run_without_checkpoints_takes_the_closed_form() -> None:
    assert spot.wall_hours(3.0, 2.0, Checkpointing()) == pytest.approx(2.0 * (math.exp(1.5) - 1))
    assert spot.wall_hours(0.0, 2.0, Checkpointing()) == 0


def test_checkpoints_that_cost_nothing_and_are_dense_lose_nothing() -> None:
    kept = Checkpointing(every_hours=1e-4)
    assert spot.lost_hours(1.0, 2.0, kept) == pytest.approx(0, abs=1e-4)


def test_the_expected_time_is_that_of_a_simulation() -> None:
    drawn = random.Random(7)
    kept = Checkpointing(every_hours=1.0, write_hours=0.1, restart_hours=0.2)

    def piece(hours: float) -> float:
        spent = 0.0
        while True:
            until = drawn.expovariate(1 / 3.0)
            if until >= hours:
                return spent + hours
            spent += until
            while (again := drawn.expovariate(1 / 3.0)) < 0.2:
                spent += again
            spent += 0.2

    runs = [sum(piece(1.1) for _ in range(3)) + piece(1.0) for _ in range(20_000)]
    assert spot.wall_hours(4.0, 3.0, kept) == pytest.approx(sum(runs) / len(runs), rel=0.02)


def test_the_best_interval_loses_least() -> None:
    mean, write = 20.0, 0.05
    best = spot.best_interval(mean, write)
    assert best == pytest.approx(math.sqrt(2 * write * mean), rel=0.05)

    def pace(every: float) -> float:
        return mean * math.expm1((every + write) / mean) / every

    assert pace(best) <= min(pace(best * factor) for factor in (0.8, 0.9, 1.1, 1.25))
    assert spot.best_interval(1.0, 3.0) == 1.0


def test_without_an_observed_interruption_a_saving_is_unknown() -> None:
    kept = Checkpointing()
    assert spot.saving(5.0, 0.4, Interruptions(0.0, 0), kept) is None
    assert spot.saving(5.0, 0.4, Interruptions(900.0, 0), kept) is None


def test_a_saving_lies_between_what_the_interruptions_do_not_rule_out() -> None:
    seen = Interruptions(hours=100.0, count=10)
    found = spot.saving(2.0, 0.5, seen, Checkpointing())
    assert found is not None
    assert found.share == pytest.approx(1 - 0.5 * 10 * math.expm1(0.2) / 2)
    assert found.lo < found.share < found.hi < 0.5
    bounds = seen.bounds
    assert bounds is not None
    assert bounds[0] == pytest.approx(100 / 18.3904, rel=1e-4)
    assert bounds[1] == pytest.approx(100 / 4.7954, rel=1e-4)


def test_a_long_run_without_checkpoints_costs_more_on_spot() -> None:
    found = spot.saving(50.0, 0.5, Interruptions(100.0, 10), Checkpointing())
    assert found is not None
    assert found.share < 0
    assert spot.wall_hours(1e6, 1.0, Checkpointing()) == math.inf


def test_a_gpu_serves_as_many_as_fit_in_time_and_memory() -> None:
    assert sharing.sharers(0.2, 0.1) == 4
    assert sharing.sharers(0.1, 0.45) == 2
    assert sharing.sharers(0.6, 0.1) == 1
    assert sharing.sharers(0.0, 0.0) == 1


def test_a_host_is_cheaper_from_the_requests_on_that_pay_it() -> None:
    assert sharing.break_even(100.0, 0.0002) == pytest.approx(500_000)
    assert sharing.break_even(100.0, 0.0) is None
