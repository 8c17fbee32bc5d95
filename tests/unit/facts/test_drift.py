"""Profiles and distances against closed forms, against scipy, and against themselves in pieces."""

import warnings
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance

from services.facts.drift import rules, statistics
from services.facts.drift.types import Profile
from services.kernel.error import InsufficientEvidence, InvalidInput

CLOSED = [  # mu, D, PSI of deciles, Jensen-Shannon of deciles (base 2): N(0, 1) against N(mu, 1)
    (0.1, 0.039878, 0.009587, 0.041561),
    (0.2, 0.079656, 0.038311, 0.082963),
    (0.5, 0.197413, 0.237749, 0.204684),
    (1.0, 0.382925, 0.926142, 0.391436),
]


def normal(n: int, mu: float = 0.0) -> Any:
    return stats.norm.ppf((np.arange(n) + 0.5) / n) + mu


def profile(values: Any, binning: Any) -> Profile:
    batch = pa.record_batch({"x": pa.array(values, from_pandas=False)})
    return rules.profile_batch(batch, {"x": binning})["x"]


def bounds(reference: Any, current: Any, bins: int = rules.BINS) -> Any:
    binning = rules.numeric_binning(np.asarray(reference, dtype=float), bins)
    return statistics.ks(binning, profile(reference, binning), profile(current, binning))


@pytest.mark.parametrize(("mu", "d", "psi", "js"), CLOSED)
def test_two_normals_are_as_far_apart_as_the_formulas_say(
    mu: float, d: float, psi: float, js: float
) -> None:
    reference, current = normal(400_000), normal(400_000, mu)
    binning = rules.numeric_binning(reference)
    one, two = profile(reference, binning), profile(current, binning)
    found = statistics.ks(binning, one, two)
    assert found.lo - 1e-5 <= d <= found.hi + 1e-5
    assert found.hi - found.lo <= 0.00101
    p, q = statistics.by_tenth(binning, one), statistics.by_tenth(binning, two)
    assert len(p) == 10
    assert statistics.psi(p, q) == pytest.approx(psi, abs=2e-5)
    assert statistics.jensen_shannon(p, q) == pytest.approx(js, abs=2e-5)
    assert statistics.wasserstein(binning, one, two) == pytest.approx(mu, rel=0.01)


def test_psi_by_hand() -> None:
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    assert statistics.psi(p, q) == pytest.approx(0.6 * np.log(2.5), abs=1e-12)
    even = np.full(4, 0.25)
    assert statistics.psi(even, np.array([0.1, 0.2, 0.3, 0.4])) == pytest.approx(0.228217, abs=1e-6)
    assert np.isfinite(statistics.psi(np.array([1.0, 0.0]), np.array([0.0, 1.0])))


def test_the_example_of_scipys_documentation_lies_inside() -> None:
    np.random.seed(12345678)  # noqa: NPY002 - the documentation's own generator
    first = stats.norm.rvs(size=200, loc=0.0, scale=1)
    others = [stats.norm.rvs(size=300, loc=m, scale=s) for m, s in ((0.5, 1.5), (0.01, 1), (0, 1))]
    for other, d in zip(others, (0.2083333, 0.1033333, 0.08), strict=True):
        found = bounds(first, other)
        assert found.lo - 1e-6 <= d <= found.hi + 1e-6


KINDS = {
    "normal": lambda g, n: g.normal(size=n),
    "lognormal": lambda g, n: g.lognormal(0, 2, n),
    "cauchy": lambda g, n: g.standard_cauchy(n),
    "zero-inflated": lambda g, n: g.exponential(1, n) * (g.random(n) < 0.4),
    "poisson": lambda g, n: g.poisson(3, n).astype(float),
    "rounded": lambda g, n: np.round(g.normal(size=n), 1),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_the_exact_distance_of_scipy_lies_inside_the_certified_bounds(kind: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    reference = KINDS[kind](generator, 20_000)
    current = KINDS[kind](generator, 3_000) * 1.1 + (0.0 if kind == "poisson" else 0.05)
    exact = stats.ks_2samp(reference, current, method="asymp").statistic
    found = bounds(reference, current)
    assert found.lo - 1e-12 <= exact <= found.hi + 1e-12
    assert found.hi - found.lo <= 0.0015


def test_features_of_few_values_are_exact() -> None:
    generator = np.random.default_rng(1)
    reference, current = generator.poisson(3, 20_000), generator.poisson(3.4, 500)
    found = bounds(reference.astype(float), current.astype(float))
    exact = stats.ks_2samp(reference, current, method="asymp").statistic
    assert found == (pytest.approx(exact, abs=1e-12), pytest.approx(exact, abs=1e-12))


numbers = st.lists(
    st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6)), min_size=1, max_size=60
)


@settings(deadline=None)
@given(numbers, numbers, st.sampled_from([10, 50, 1_000]))
def test_whatever_the_rows_the_exact_distance_lies_inside(
    reference: list[float], current: list[float], bins: int
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # the p-value of one row, which is not asked for
        exact = stats.ks_2samp(reference, current, method="asymp").statistic
    found = bounds(reference, current, bins)
    assert found.lo - 1e-9 <= exact <= found.hi + 1e-9


@settings(deadline=None)
@given(numbers, st.integers(0, 60))
def test_in_pieces_it_is_the_same_as_whole(values: list[float], cut: int) -> None:
    binning = rules.numeric_binning(np.array(values), 10)
    whole = profile(values, binning)
    parts = [profile(part, binning) for part in (values[:cut], values[cut:]) if part]
    both = rules.merge([rules.empty(binning), *parts])
    assert (both.counts == whole.counts).all()
    assert (both.n, both.smallest, both.largest) == (whole.n, whole.smallest, whole.largest)
    assert both.total == pytest.approx(whole.total)
    assert whole.n == len(values)
    assert whole.counts[0] == whole.counts[-1] == 0  # a reference lies within its own range


def test_what_is_missing_infinite_or_no_number_is_counted_and_never_hidden() -> None:
    binning = rules.numeric_binning(np.arange(100.0))
    odd = profile([1.0, None, float("nan"), float("inf"), float("-inf")], binning)
    assert (odd.n, odd.nulls, odd.infinite, odd.invalid, odd.rows) == (3, 2, 2, 0, 5)
    assert (odd.total, odd.smallest, odd.largest) == (1.0, 1.0, 1.0)
    assert statistics.new_share(binning, odd) == pytest.approx(2 / 3)
    assert statistics.missing_share(odd) == pytest.approx(0.4)
    text = profile(["1.5", "many", None], binning)
    assert (text.n, text.nulls, text.invalid) == (1, 1, 1)
    assert profile([True, False], binning).total == 1.0


def test_a_column_that_is_all_missing_has_no_distance_and_says_so() -> None:
    binning = rules.numeric_binning(np.arange(100.0))
    nothing = profile([None, None], binning)
    assert statistics.missing_share(nothing) == 1.0
    with pytest.raises(InsufficientEvidence):
        statistics.ks(binning, profile([1.0], binning), nothing)
    with pytest.raises(InsufficientEvidence):
        rules.numeric_binning(np.array([np.nan, np.inf]))
    with pytest.raises(InsufficientEvidence):
        statistics.missing_share(rules.empty(binning))


def test_a_constant_that_moves_is_as_far_as_can_be() -> None:
    found = bounds([5.0] * 100, [6.0] * 100)
    assert found == (1.0, 1.0)
    assert bounds([5.0] * 100, [5.0] * 7) == (0.0, 0.0)


def test_categories_are_counted_by_level_and_new_ones_are_seen() -> None:
    binning = rules.category_binning(["a", "b", "a", "c", None])
    assert binning.levels == ("a", "b", "c")
    one, two = profile(["a", "b", "a", "c"], binning), profile(["a", "new", None, "newer"], binning)
    assert (two.n, two.nulls) == (3, 1)
    assert statistics.new_share(binning, two) == pytest.approx(2 / 3)
    p, q = statistics.by_tenth(binning, one), statistics.by_tenth(binning, two)
    assert statistics.largest_change(p, q) == pytest.approx(2 / 3)
    assert statistics.jensen_shannon(p, q) == pytest.approx(distance.jensenshannon(p, q, base=2))


def test_of_too_many_levels_nobody_can_tell_which_is_new() -> None:
    binning = rules.category_binning([str(n) for n in range(50)], most=10)
    assert (len(binning.levels), binning.is_complete) == (10, False)
    assert statistics.new_share(binning, profile(["49", "never seen"], binning)) is None


def test_profiles_of_other_bins_do_not_add_up() -> None:
    one, two = (
        rules.numeric_binning(np.arange(100.0), 10),
        rules.numeric_binning(np.arange(3.0), 10),
    )
    with pytest.raises(InvalidInput, match="do not add up"):
        rules.merge([rules.empty(one), rules.empty(two)])
    with pytest.raises(InvalidInput):
        rules.merge([])
    with pytest.raises(InvalidInput, match="multiple of ten"):
        rules.numeric_binning(np.arange(3.0), 15)


def test_one_row_out_of_a_thousand_million_hides_nothing() -> None:
    reference, current = normal(5_000), np.append(normal(5_000, 0.5), 1e9)
    binning = rules.numeric_binning(reference)
    one, two = profile(reference, binning), profile(current, binning)
    tenths = [statistics.by_tenth(binning, each) for each in (one, two)]
    assert statistics.psi(*tenths) == pytest.approx(0.2377, abs=0.005)
