"""One feature in one window: bytes that come back, noise that is kept in one of twenty, odd columns."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from services.facts.drift import codec, noise, rules, statistics
from services.facts.drift.types import Binning, Bounds, CategoryBinning, NumericBinning, Profile
from services.facts.drift.window import distances
from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import WindowMetric
from services.kernel.error import IntegrityBroken, InvalidInput

START = datetime(2026, 1, 1, tzinfo=UTC)
LETTERS = rules.category_binning([*"a" * 500, *"b" * 300, *"c" * 200])
STEPS = rules.numeric_binning(np.arange(1_000.0))


def profile(values: Any, binning: Binning) -> Profile:
    batch = pa.record_batch({"x": pa.array(values, from_pandas=False)})
    return rules.profile_batch(batch, {"x": binning})["x"]


def told(
    binning: Binning, reference: Profile, current: Profile, min_n: int = 100
) -> dict[str, WindowMetric]:
    end = START + timedelta(days=1)
    found = distances(
        binning, reference, current, start=START, end=end, feature="x", min_n=min_n, segment="s=1"
    )
    assert {(each.feature, each.segment, each.start, each.end) for each in found} == {
        ("x", "s=1", START, end)
    }
    return {each.metric: each for each in found}


# bytes


def same(one: Profile, two: Profile) -> bool:
    fields = ("nulls", "invalid", "infinite", "total", "squares", "smallest", "largest")
    alike = [
        np.array_equal(getattr(one, name), getattr(two, name), equal_nan=True) for name in fields
    ]
    return (
        all(alike)
        and one.counts.dtype == two.counts.dtype
        and bool((one.counts == two.counts).all())
    )


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), max_size=40),
    st.integers(1, 2**40),
)
def test_a_profile_comes_back_from_bytes_without_loss(
    values: list[float | None], times: int
) -> None:
    held = profile(pa.array(values, pa.float64()), STEPS)
    large = Profile(held.counts * times, held.nulls, held.invalid, held.infinite, held.total, held.squares, held.smallest, held.largest)  # fmt: skip
    for each in (held, large):
        assert same(codec.unpack_profile(codec.pack_profile(each), STEPS), each)


def test_bins_come_back_from_bytes_without_loss() -> None:
    again = codec.unpack_binning(codec.pack_binning(STEPS))
    assert isinstance(again, NumericBinning)
    assert (again.edges == STEPS.edges).all()
    assert (again.atoms == STEPS.atoms).all()
    assert (again.deciles == STEPS.deciles).all()
    odd = CategoryBinning(("", "ä", "\n", "🛫", "a" * 999), is_complete=False)
    assert codec.unpack_binning(codec.pack_binning(odd)) == odd


GOLDEN = "0170789c632e356161606028356406926916203603a34e01901004b1405c26663085011c1818844c7e483838ec770000acdd05c7"


def test_what_was_stored_years_ago_is_read_today() -> None:
    found = codec.unpack_profile(bytes.fromhex(GOLDEN))
    wanted = Profile(np.array([0, 1, 300, 70_000]), 2, 3, 1, 4.5, 20.25, -1.5, 6.0)
    assert same(found, wanted)


def test_a_window_of_one_feature_takes_about_a_kilobyte() -> None:
    generator = np.random.default_rng(3)
    binning = rules.numeric_binning(generator.normal(size=100_000))
    day = profile(generator.normal(size=111_000), binning)
    assert len(codec.pack_profile(day)) <= 1_100


@pytest.mark.parametrize("cut", [0, 1, 2, 9, -1])
def test_damaged_bytes_are_refused(cut: int) -> None:
    whole = codec.pack_profile(profile([1.0, 2.0], STEPS))
    with pytest.raises(IntegrityBroken):
        codec.unpack_profile(whole[:cut])
    with pytest.raises(IntegrityBroken):
        codec.unpack_binning(codec.pack_binning(STEPS)[:cut])


def test_bytes_of_another_kind_or_version_are_refused() -> None:
    whole = codec.pack_profile(profile([1.0, 2.0], STEPS))
    for other in (b"\x02" + whole[1:], codec.pack_binning(STEPS)):
        with pytest.raises(IntegrityBroken):
            codec.unpack_profile(other)
    with pytest.raises(InvalidInput, match="other bins"):
        codec.unpack_profile(whole, LETTERS)


# noise


def exceeded(metric: str, p: Any, n: int, m: int, sets: int = 600) -> float:
    """Return how often two samples of one population, by level, are further apart than the floor."""
    generator, over = np.random.default_rng(4), 0
    distance = getattr(statistics, metric)
    for _ in range(sets):
        held, now = generator.multinomial(m, p), generator.multinomial(n, p)
        met = held > 0
        one, two = np.append(held[met], 0) / m, np.append(now[met], now[~met].sum()) / n
        floor = noise.floor(f"drift.{metric}", n, m, one)
        assert floor is not None
        over += distance(one, two) > floor
    return over / sets


@pytest.mark.parametrize("metric", ["psi", "jensen_shannon", "largest_change"])
@pytest.mark.parametrize(
    ("levels", "n", "m"), [(10, 300, 5_000), (10, 1_000, 1_000), (2, 200, 500)]
)
def test_chance_exceeds_the_floor_in_one_window_of_twenty(
    metric: str, levels: int, n: int, m: int
) -> None:
    assert 0.02 <= exceeded(metric, np.full(levels, 1 / levels), n, m) <= 0.08


@pytest.mark.parametrize("metric", ["psi", "jensen_shannon"])
def test_hundreds_of_rare_levels_are_not_taken_for_drift(metric: str) -> None:
    shares = 1 / np.arange(1, 201)
    assert exceeded(metric, shares / shares.sum(), 500, 2_000, sets=40) <= 0.25


@pytest.mark.parametrize("n", [50, 200, 2_000])
def test_chance_exceeds_the_floor_of_the_kolmogorov_smirnov_distance(n: int) -> None:
    generator = np.random.default_rng(5)
    floor = noise.floor("drift.ks", n, 4_000, np.ones(1))
    found = [statistics.exact_ks(generator.random(4_000), generator.random(n)) for _ in range(400)]
    assert 0.02 <= np.mean(np.array(found) > floor) <= 0.08


@pytest.mark.parametrize(("n", "d"), [(50, 0.276), (100, 0.195), (200, 0.138), (500, 0.087)])
def test_of_fifty_features_the_critical_distances_are_those_of_the_tables(n: int, d: float) -> None:
    found = noise.floor("drift.ks", n, 10**9, np.ones(1), noise.family(50))
    assert found == pytest.approx(d, abs=5e-4)


@pytest.mark.parametrize(("n", "psi"), [(100, 0.169), (200, 0.085), (500, 0.034), (1_000, 0.017)])
def test_the_noise_of_the_stability_index(n: int, psi: float) -> None:
    found = noise.floor("drift.psi", n, 10**9, np.full(10, 0.1))
    assert found == pytest.approx(psi, abs=5e-4)


def test_of_many_features_all_together_keep_the_level() -> None:
    generator = np.random.default_rng(6)
    floor = noise.floor("drift.ks", 300, 3_000, np.ones(1), noise.family(20))
    alarms = sum(
        any(statistics.exact_ks(generator.random(3_000), generator.random(300)) > (floor or 0) for _ in range(20))
        for _ in range(100)
    )  # fmt: skip
    assert alarms <= 11


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5])
def test_chance_exceeds_the_floor_of_a_share_no_more_than_once_in_twenty(share: float) -> None:
    generator = np.random.default_rng(7)
    hits, now = generator.binomial(2_000, share, 500), generator.binomial(400, share, 500)
    over = [b / 400 > noise.share_floor(int(a), 2_000, 400) for a, b in zip(hits, now, strict=True)]
    assert np.mean(over) <= 0.08


# numbers of a window


def test_a_number_is_told_by_four_distances_with_bounds_and_noise() -> None:
    current = profile(np.arange(1_000.0) + 300, STEPS)
    found = told(STEPS, profile(np.arange(1_000.0), STEPS), current)
    ks = found["drift.ks"]
    assert (ks.value, ks.lo, ks.hi) == (pytest.approx(0.3), pytest.approx(0.3), pytest.approx(0.3))
    assert ks.n == 1_000
    assert ks.floor == pytest.approx(stats.kstwobign.ppf(0.95) * np.sqrt(2 / 1_000))
    assert found["drift.wasserstein"].value == pytest.approx(300, rel=0.01)
    assert found["drift.psi"].value > found["drift.psi"].floor  # type: ignore[operator]
    assert found["data_quality.new_share"].value == 0.3
    assert "drift.largest_change" not in found


def test_a_category_is_told_by_its_largest_change_and_its_test() -> None:
    reference, current = profile(["a"] * 500 + ["b"] * 300 + ["c"] * 200, LETTERS), profile(["a"] * 400 + ["b"] * 600, LETTERS)  # fmt: skip
    found = told(LETTERS, reference, current)
    change = found["drift.largest_change"]
    assert change.value == pytest.approx(0.3)
    tested: Any = stats.chi2_contingency([[500, 300, 200], [400, 600, 0]], correction=False)
    assert change.method == f"chi-square p {tested.pvalue:.3g}"
    assert "drift.ks" not in found


def test_without_drift_nothing_exceeds_its_noise() -> None:
    same_again = profile(np.arange(1_000.0), STEPS)
    for each in told(STEPS, same_again, same_again).values():
        assert each.floor is None or (each.value or 0.0) <= each.floor


@pytest.mark.parametrize("rows", [0, 1, 99])
def test_too_few_rows_tell_nothing(rows: int) -> None:
    found = told(STEPS, profile(np.arange(1_000.0), STEPS), profile(np.arange(float(rows)), STEPS))
    assert {(each.value, each.status) for each in found.values()} == {
        (None, MeasurementStatus.TOO_FEW)
    }
    assert {each.n for each in found.values()} == {rows}


def test_a_column_that_went_missing_shows_in_its_missing_values_alone() -> None:
    found = told(STEPS, profile(np.arange(1_000.0), STEPS), profile([None] * 300, STEPS))
    assert found["data_quality.missing_share"].value == 1.0
    assert found["data_quality.missing_share"].status is MeasurementStatus.OK
    assert found["drift.ks"].status is MeasurementStatus.TOO_FEW


def test_infinities_are_invalid_and_do_not_break_a_distance() -> None:
    current = profile([*np.arange(500.0), *[np.inf] * 250, *[-np.inf] * 250], STEPS)
    found = told(STEPS, profile(np.arange(1_000.0), STEPS), current)
    assert found["data_quality.invalid_share"].value == 0.5
    assert found["drift.ks"].value == pytest.approx(0.25)
    assert np.isfinite(found["drift.wasserstein"].value or 0.0)


def test_numbers_at_the_end_of_all_numbers_have_no_wasserstein_distance() -> None:
    wide = rules.numeric_binning(np.array([-1.7e308, 1.7e308] * 75))
    found = told(wide, profile([-1.7e308, 1.7e308] * 75, wide), profile([0.0] * 150, wide))
    assert found["drift.wasserstein"].status is MeasurementStatus.NOT_ESTIMABLE
    assert found["drift.ks"].value == 0.5


def test_words_where_numbers_were_are_invalid() -> None:
    found = told(STEPS, profile(np.arange(1_000.0), STEPS), profile(["many"] * 300, STEPS))
    assert found["data_quality.invalid_share"].value == 1.0
    assert found["drift.ks"].status is MeasurementStatus.TOO_FEW


def test_categories_that_are_all_new_are_as_far_as_can_be() -> None:
    reference = profile(["a"] * 500 + ["b"] * 300 + ["c"] * 200, LETTERS)
    found = told(LETTERS, reference, profile([f"new {n}" for n in range(300)], LETTERS))
    assert found["data_quality.new_share"].value == 1.0
    assert found["drift.jensen_shannon"].value == pytest.approx(1.0)
    assert found["drift.largest_change"].value == 1.0


def test_a_constant_is_calm_while_it_stays_and_far_when_it_moves() -> None:
    fixed = rules.numeric_binning(np.full(500, 7.0))
    stays = told(fixed, profile([7.0] * 500, fixed), profile([7.0] * 300, fixed))
    moves = told(fixed, profile([7.0] * 500, fixed), profile([8.0] * 300, fixed))
    assert (stays["drift.ks"].value, moves["drift.ks"].value) == (0.0, 1.0)
    assert (stays["drift.psi"].value, moves["data_quality.new_share"].value) == (0.0, 1.0)


def test_of_more_levels_than_are_kept_nobody_says_which_is_new() -> None:
    many = rules.category_binning([str(n) for n in range(400)], most=100)
    held = profile([str(n) for n in range(400)], many)
    found = told(many, held, held)
    assert found["data_quality.new_share"].status is MeasurementStatus.NOT_ESTIMABLE


# exact, and other references


def test_where_the_limit_lies_between_the_bounds_the_rows_are_asked() -> None:
    assert statistics.is_open(Bounds(0.1995, 0.2005), 0.2)
    assert statistics.is_open(Bounds(0.2, 0.201), 0.2)
    assert not statistics.is_open(Bounds(0.201, 0.202), 0.2)
    assert not statistics.is_open(Bounds(0.198, 0.2), 0.2)


@settings(deadline=None)
@given(
    st.lists(st.integers(-4, 4), min_size=2, max_size=30),
    st.lists(st.integers(-4, 4), min_size=2, max_size=30),
)
def test_the_exact_distance_is_that_of_scipy(reference: list[int], current: list[int]) -> None:
    wanted = stats.ks_2samp(reference, current, method="asymp").statistic
    found = statistics.exact_ks(np.array(reference, dtype=float), np.array(current, dtype=float))
    assert found == pytest.approx(wanted, abs=1e-12)


# the smallest and the largest


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 1), (1, 100), (100, 100)])
@pytest.mark.parametrize("metric", ["ks", "psi", "jensen_shannon", "largest_change"])
def test_a_constant_has_a_floor_too(metric: str, n: int, m: int) -> None:
    found = noise.floor(f"drift.{metric}", n, m, np.array([1.0, 0.0]))
    assert found is not None
    assert np.isfinite(found)
    assert found >= 0.0


def test_where_each_row_has_a_level_of_its_own_nobody_says_what_is_noise() -> None:
    orders = rules.category_binning([f"order {n}" for n in range(5_000)])
    held = profile([f"order {n}" for n in range(5_000)], orders)
    found = told(orders, held, profile([f"order {n}" for n in range(5_000, 5_500)], orders))
    assert found["drift.jensen_shannon"].value == pytest.approx(1.0)
    assert found["drift.jensen_shannon"].floor is None
    assert found["drift.psi"].floor is None


def test_fifty_thousand_levels_are_measured_and_not_all_kept() -> None:
    many = rules.category_binning([f"id {n}" for n in range(50_000)])
    held = profile([f"id {n}" for n in range(50_000)], many)
    found = told(many, held, profile([f"other {n}" for n in range(5_000)], many))
    assert many.bins == rules.MOST_LEVELS + 1
    assert found["drift.largest_change"].value == pytest.approx(0.2)
    assert found["data_quality.new_share"].status is MeasurementStatus.NOT_ESTIMABLE


@settings(deadline=None)
@given(
    st.lists(st.integers(-9, 9), min_size=2, max_size=40),
    st.lists(st.integers(-9, 9), min_size=1, max_size=40),
)
def test_inside_its_range_and_of_few_values_the_wasserstein_distance_is_that_of_scipy(
    reference: list[int], current: list[int]
) -> None:
    held = [float(each) for each in [*reference, *current]]
    binning = rules.numeric_binning(np.array(held))
    now = [float(each) for each in current]
    found = statistics.wasserstein(binning, profile(held, binning), profile(now, binning))
    assert found == pytest.approx(stats.wasserstein_distance(held, now), abs=1e-9)
