"""Every interval keeps its promise: over 500 simulated data sets, 93 to 97 of 100 cover the truth."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from services.facts.fairness.statistics import below_four_fifths, equal_rates_p, holm, katz
from services.facts.performance import statistics
from services.facts.performance.statistics import Estimate

SETS = 500
Draw = Callable[[np.random.Generator], Estimate | None]


def coverage(draw: Draw, truth: float, seed: int = 11) -> float:
    generator = np.random.default_rng(seed)
    covered = 0
    for _ in range(SETS):
        found = draw(generator)
        assert found is not None
        assert found.lo is not None
        assert found.hi is not None
        assert found.lo <= found.value <= found.hi
        covered += found.lo <= truth <= found.hi
    return covered / SETS


def share(g: np.random.Generator) -> Estimate:
    return statistics.wilson(int(g.binomial(400, 0.85)), 400)


def mean(g: np.random.Generator) -> Estimate:
    return statistics.mean_t(g.beta(1, 8, 500))


def rmse(g: np.random.Generator) -> Estimate:
    return statistics.root_mean_square(g.normal(0, 2, 500))


def auc(g: np.random.Generator) -> Estimate:
    truth = np.arange(600) < 250
    return statistics.auc_delong(truth, g.normal(np.where(truth, 1.0, 0.0), 1.0))


def f1(g: np.random.Generator) -> Estimate | None:
    tp, fp, fn, tn = g.multinomial(600, [0.45, 0.08, 0.07, 0.40])
    return statistics.f_score(int(tp), int(fp), int(fn), int(tn))


def balanced(g: np.random.Generator) -> Estimate:
    counts = np.array([150, 200, 250])
    return statistics.balanced_accuracy(g.binomial(counts, [0.9, 0.8, 0.7]), counts)


CELLS = np.array([[0.30, 0.02, 0.01], [0.03, 0.28, 0.02], [0.02, 0.04, 0.28]])


def macro(g: np.random.Generator) -> Estimate:
    return statistics.macro_f1(g.multinomial(600, CELLS.ravel()).reshape(3, 3), seed=3)


def r2(g: np.random.Generator) -> Estimate | None:
    guess = g.normal(0, 1, 500)
    return statistics.r_squared(guess + g.normal(0, 1.5, 500), guess)


def ratio(g: np.random.Generator) -> Estimate:
    found = katz(int(g.binomial(90, 0.6)), 90, int(g.binomial(400, 0.7)), 400)
    assert found is not None
    return Estimate(*found, 90, "katz-log")


TRUE_MACRO = float(np.mean(2 * np.diag(CELLS) / (CELLS.sum(0) + CELLS.sum(1))))
CASES: dict[str, tuple[Draw, float]] = {
    "wilson": (share, 0.85),
    "t": (mean, 1 / 9),
    "delta-log rmse": (rmse, 2.0),
    "delong-logit": (auc, float(stats.norm.cdf(1 / np.sqrt(2)))),
    "wilson-jaccard": (f1, 2 * 0.45 / (2 * 0.45 + 0.15)),
    "stratified-normal": (balanced, 0.8),
    "bootstrap-normal": (macro, TRUE_MACRO),
    "delta-log r2": (r2, 1 - 1.5**2 / (1 + 1.5**2)),
    "katz-log": (ratio, 0.6 / 0.7),
}


@pytest.mark.parametrize("name", CASES)
def test_an_interval_covers_the_truth_as_often_as_it_says(name: str) -> None:
    draw, truth = CASES[name]
    assert 0.93 <= coverage(draw, truth) <= 0.97


def test_exactly_four_fifths_is_not_below_it() -> None:
    white = (60, 100)
    assert below_four_fifths(45, 100, *white)
    assert not below_four_fifths(48, 100, *white)
    assert not below_four_fifths(51, 100, *white)


def test_p_values_are_adjusted_for_their_number() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert equal_rates_p(5, 10, 50, 100) == pytest.approx(1.0)
    assert equal_rates_p(30, 100, 60, 100) < 0.001


def test_a_perfect_separation_still_has_an_interval() -> None:
    found = statistics.auc_delong(np.array([True] * 20 + [False] * 20), np.arange(40, 0, -1.0))
    assert found.value == 1.0
    assert found.lo is not None
    assert 0.7 < found.lo < 1.0
