"""The compiled pass against the plain one, components against scikit-learn's, rows that stand alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.metrics import ndcg_score
from sklearn.preprocessing import StandardScaler

from services.facts.drift import kernel, multivariate, rows, rules, statistics
from services.facts.drift.attribution import agreement, importance_ndcg
from services.facts.drift.types import Profile
from services.facts.evidence.types import MeasurementStatus
from services.kernel.error import InsufficientEvidence
from tests.support.nannyml import car_loans

START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW: Any = {"start": START, "end": START + timedelta(days=1), "min_n": 100}
RECONSTRUCTED = [.629414, .633655, .631903, .644197, .635310, .614428, .606969, .603975, .603965, .630598]  # fmt: skip
LOANS = ["car_value", "debt_to_income_ratio", "loan_length", "driver_tenure"]
DEBT = [.01576, .01272, .01746, .01282, .01922, .00824, .01068, .01002, .01070, .00700]  # fmt: skip
CARS = [.01310, .01124, .01674, .01436, .01116, .43548, .43032, .43784, .43606, .43850]  # fmt: skip
SALARIES = [.00616, .01016, .00984, .00154, .00406, .09156, .08896, .09156, .09016, .09356]  # fmt: skip


# the compiled pass

LOGS = {
    "normal": lambda g, n: g.normal(size=n),
    "wide": lambda g, n: g.lognormal(0, 9, n),
    "cauchy": lambda g, n: g.standard_cauchy(n),
    "counts": lambda g, n: g.poisson(3, n).astype(float),
    "narrow": lambda g, n: 1e15 + g.integers(0, 9, n).astype(float),
    "tiny": lambda g, n: g.normal(size=n) * 1e-310,
    "endless": lambda g, n: np.where(g.random(n) < 0.5, -1.7e308, 1.7e308) * g.random(n),
}


@pytest.mark.parametrize("kind", LOGS)
def test_compiled_counts_are_the_plain_ones(kind: str) -> None:
    generator = np.random.default_rng(1)
    binning = rules.numeric_binning(LOGS[kind](generator, 20_000))
    values = np.concatenate([LOGS[kind](generator, 20_000), [np.nan, np.inf, -np.inf, 0.0, -0.0], binning.edges])  # fmt: skip
    agree(kernel.profile(values, 0, binning), rules._plainly(values, 0, binning))


floats = st.one_of(
    st.floats(width=64), st.integers(-3, 3).map(float), st.sampled_from([5e-324, 1e308, -1e308])
)


@settings(deadline=None, max_examples=150)
@given(
    arrays.arrays(np.float64, st.integers(1, 60), elements=floats),
    arrays.arrays(np.float64, st.integers(0, 60), elements=floats),
)
def test_whatever_the_numbers_compiled_counts_are_the_plain_ones(
    reference: Any, values: Any
) -> None:
    if not np.isfinite(reference).any():
        reference = np.append(reference, 1.0)
    binning = rules.numeric_binning(reference, 10)
    both = np.concatenate([values, reference])
    agree(kernel.profile(both, 0, binning), rules._plainly(both, 0, binning))


def agree(one: Profile, two: Profile) -> None:
    assert (one.counts == two.counts).all()
    for name in ("nulls", "invalid", "infinite", "smallest", "largest"):
        assert getattr(one, name) == getattr(two, name)
    if np.isfinite(two.squares) and np.isfinite(one.squares):
        assert one.total == pytest.approx(two.total, rel=1e-9, abs=1e-9 * two.squares**0.5 + 1e-300)
        assert one.squares == pytest.approx(two.squares, rel=1e-9)


def test_many_rows_of_a_batch_take_the_compiled_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(2).normal(size=rules.COMPILED_FROM)
    binning = rules.numeric_binning(values)
    batch = pa.record_batch({"x": pa.array(np.where(values > 2, np.nan, values), from_pandas=True)})
    long = rules.profile_batch(batch, {"x": binning})["x"]
    monkeypatch.setattr(rules, "COMPILED_FROM", rules.COMPILED_FROM + 1)
    agree(long, rules.profile_batch(batch, {"x": binning})["x"])


# windows of other lengths, and other references


def profile(values: Any, binning: Any) -> Profile:
    return rules.profile_batch(pa.record_batch({"x": pa.array(values)}), {"x": binning})["x"]


def test_days_add_up_to_the_week_that_was_measured_as_one() -> None:
    generator = np.random.default_rng(3)
    binning = rules.numeric_binning(generator.normal(size=5_000))
    days = [generator.normal(0.1 * day, 1, 700) for day in range(7)]
    week, whole = rules.merge([profile(day, binning) for day in days]), profile(np.concatenate(days), binning)  # fmt: skip
    agree(week, whole)


@pytest.mark.parametrize(("shift", "width"), [(0.0, 0.0011), (0.5, 0.0015), (2.0, 0.1)])
def test_old_bins_tell_the_distance_to_a_new_reference_with_honest_bounds(
    shift: float, width: float
) -> None:
    generator = np.random.default_rng(4)
    binning = rules.numeric_binning(generator.normal(size=50_000))
    reference, current = generator.normal(shift, 1, 20_000), generator.normal(shift + 0.3, 1, 5_000)
    found = statistics.ks(binning, profile(reference, binning), profile(current, binning))
    assert found.lo - 1e-12 <= statistics.exact_ks(reference, current) <= found.hi + 1e-12
    assert found.hi - found.lo <= width


# NannyML's example


def test_nannymls_rows_have_the_exact_distances_and_ours_lie_around_them() -> None:
    loans = car_loans()
    for name, wanted in (("debt_to_income_ratio", DEBT), ("car_value", CARS)):
        held = loans.reference[name].to_numpy(dtype=float)
        binning = rules.numeric_binning(held)
        for chunk, d in zip(loans.chunks, wanted, strict=True):
            values = chunk[name].to_numpy(dtype=float)
            assert statistics.exact_ks(held, values) == pytest.approx(d, abs=5e-6)
            found = statistics.ks(binning, profile(held, binning), profile(values, binning))
            assert found.lo - 1e-12 <= statistics.exact_ks(held, values) <= found.hi + 1e-12
    binning = rules.category_binning(loans.reference["salary_range"].tolist())
    reference = profile(loans.reference["salary_range"], binning)
    chunks = [profile(chunk["salary_range"], binning) for chunk in loans.chunks]
    p = statistics.shares(reference)
    assert [statistics.largest_change(p, statistics.shares(each)) for each in chunks] == pytest.approx(SALARIES, abs=1e-5)  # fmt: skip
    chi_square = stats.chi2.isf([statistics.homogeneity(reference, each) for each in chunks[:5]], 3)
    assert chi_square == pytest.approx([1.033683, 5.762412, 2.653961, 0.070843, 1.005422], abs=1e-5)


def test_nannymls_rows_have_the_reconstruction_errors_of_its_documentation() -> None:
    loans = car_loans()
    made = multivariate.components(pa.Table.from_pandas(loans.reference[LOANS]), LOANS)
    tables = [pa.Table.from_pandas(chunk[LOANS]) for chunk in loans.chunks]
    found = [multivariate.errors(made, table) for table in tables]
    assert [each.mean for each in found] == pytest.approx(RECONSTRUCTED, abs=1e-6)
    assert sum(found, multivariate.Errors()).n == 50_000


# components


def related(generator: np.random.Generator, n: int, sign: float = 1.0) -> pa.Table:
    x = generator.normal(size=n)
    return pa.table(
        {"a": x, "b": 3 * sign * x + generator.normal(size=n) * 0.3, "c": generator.normal(size=n)}
    )


def test_components_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(5)
    table = related(generator, 4_000)
    made = multivariate.components(table, ["a", "b", "c"])
    values = np.column_stack([table.column(name).to_numpy() for name in "abc"])
    standard = StandardScaler().fit_transform(values)
    wanted = PCA(0.65).fit(standard)
    whole = np.vstack([wanted.components_, made.rest])
    assert whole.shape == (3, 3)
    assert whole @ whole.T == pytest.approx(np.eye(3), abs=1e-9)
    far = np.linalg.norm(standard - wanted.inverse_transform(wanted.transform(standard)), axis=1)
    assert made.reference.mean == pytest.approx(far.mean(), abs=1e-12)
    assert made.reference.variance == pytest.approx(far.var(), abs=1e-12)


def test_a_relation_that_turns_is_seen_where_no_feature_moved() -> None:
    generator = np.random.default_rng(6)
    reference, same, turned = related(generator, 4_000), related(generator, 800), related(generator, 800, -1.0)  # fmt: skip
    made = multivariate.components(reference, ["a", "b", "c"])
    calm, moved = (multivariate.reconstruction(made, multivariate.errors(made, each), **WINDOW) for each in (same, turned))  # fmt: skip
    assert calm.value is not None
    assert calm.floor is not None
    assert moved.lo is not None
    assert calm.value <= calm.floor < moved.lo
    held = reference.column("b").to_numpy()
    assert statistics.exact_ks(held, turned.column("b").to_numpy()) < 0.06


def test_errors_in_pieces_are_those_of_the_whole() -> None:
    table = related(np.random.default_rng(7), 900)
    made = multivariate.components(table, ["a", "b"])
    parts = [multivariate.errors(made, table.slice(start, 300)) for start in (0, 300, 600)]
    whole = sum(parts, multivariate.Errors())
    assert whole.n == made.reference.n
    assert whole.total == pytest.approx(made.reference.total)


def test_odd_rows_do_not_break_components() -> None:
    table = related(np.random.default_rng(8), 500)
    made = multivariate.components(table, ["a", "b", "c"])
    missing = multivariate.errors(made, pa.table({"a": [None, np.inf], "b": pa.nulls(2)}))
    assert (missing.n, missing.total) == (2, 0.0)
    endless = multivariate.errors(made, pa.table({"a": [1e308] * 200}))
    assert (
        multivariate.reconstruction(made, endless, **WINDOW).status
        is MeasurementStatus.NOT_ESTIMABLE
    )
    assert multivariate.reconstruction(made, missing, **WINDOW).status is MeasurementStatus.TOO_FEW
    with pytest.raises(InsufficientEvidence):
        multivariate.components(pa.table({"a": [1.0, 2.0], "b": [3.0, 3.0]}), ["a", "b"])
    with pytest.raises(InsufficientEvidence):
        multivariate.components(pa.table({"a": pa.nulls(9)}), ["a", "b"])


# attributions


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=12).filter(lambda each: sum(each) > 0))
def test_agreement_of_attributions_is_that_of_scikit_learn(gains: list[float]) -> None:
    order = [f"f{place}" for place in range(len(gains))]
    found = importance_ndcg(order, dict(zip(order, gains, strict=True)))
    wanted = ndcg_score([gains], [list(range(len(gains), 0, -1))])
    assert found == pytest.approx(wanted, abs=1e-9)


def test_the_same_order_agrees_and_another_does_not() -> None:
    assert importance_ndcg(["a", "b", "gone"], {"b": 0.1, "a": 0.9}) == 1.0
    assert importance_ndcg(["a", "b"], {"b": 0.9, "a": 0.1}) < 0.8
    with pytest.raises(InsufficientEvidence):
        importance_ndcg(["a"], {"a": 1.0, "new": 1.0})
    with pytest.raises(InsufficientEvidence):
        importance_ndcg(["a"], {"a": 0.0})


def test_an_agreement_bears_the_interval_that_other_rows_of_the_same_world_stay_in() -> None:
    def drawn(seed: int, n: int) -> Any:
        return np.random.default_rng(seed).normal(0, [1.0, 0.9, 0.3], (n, 3))

    names = ["a", "b", "c"]
    order = ["b", "a", "c"]
    truth = agreement(order, names, drawn(0, 100_000)).value
    inside = [
        found.lo <= truth <= found.hi
        for found in (agreement(order, names, drawn(seed, 200)) for seed in range(1, 61))
    ]
    assert sum(inside) >= 51
    few, many = (agreement(order, names, drawn(99, n)) for n in (50, 2_000))
    assert many.hi - many.lo < few.hi - few.lo
    means = np.abs(drawn(99, 50)).mean(axis=0)
    assert few.value == importance_ndcg(order, dict(zip(names, means.tolist(), strict=True)))
    assert agreement(order, names, drawn(99, 50)) == few
    assert agreement(["c", "b", "a"], names, drawn(3, 200)).hi < 0.9


# rows that stand alone


def answered(
    generator: np.random.Generator, n: int, wide: float = 1.0, sure: float = 3.0
) -> pa.Table:
    score = 1 / (1 + np.exp(-sure * generator.normal(size=n)))
    features = {f"f_{name}": wide * generator.normal(size=n) for name in "xyz"}
    return pa.table({"score": score, **features})


def shares(table: pa.Table, reference: pa.Table, names: Any = ("f_x", "f_y", "f_z")) -> Any:
    binnings = {name: rules.numeric_binning(reference.column(name).to_numpy()) for name in names}
    least = rows.confidence_p05(reference)
    found = rows.row_shares(table, binnings, least, reference.num_rows, **WINDOW)
    return {each.metric: each for each in found}


def test_without_drift_outliers_and_unsure_answers_keep_within_their_noise() -> None:
    generator, over = np.random.default_rng(9), np.zeros(2)
    for _ in range(200):
        found = shares(answered(generator, 400), answered(generator, 2_000))
        over += [each.value > each.floor for each in found.values()]
    assert (over / 200 <= 0.1).all()


def test_wider_numbers_and_unsure_answers_are_seen() -> None:
    generator = np.random.default_rng(10)
    found = shares(answered(generator, 500, wide=3.0, sure=0.3), answered(generator, 2_000))
    assert {"data_quality.outlier_share", "drift.low_confidence_share"} == set(found)
    assert all(each.lo > each.floor for each in found.values())


def test_confidence_is_that_of_the_likeliest_class() -> None:
    lists = pa.array([[0.2, 0.5, 0.3], None, [], [0.1, 0.9]], pa.list_(pa.float64()))
    both = pa.table({"scores": lists, "score": [0.9, 0.2, None, 0.5]})
    assert rows.confidence(both).tolist() == pytest.approx([0.5, 0.8, np.nan, 0.9], nan_ok=True)
    nothing = pa.table({"score": pa.array([None, 1.5], pa.float64()), "scores": pa.nulls(2)})
    assert np.isnan(rows.confidence(nothing)).all()
    with pytest.raises(InsufficientEvidence):
        rows.confidence_p05(nothing)


def test_answers_without_a_probability_are_not_called_unsure() -> None:
    table = pa.table({"f_x": np.arange(200.0)})
    binning = {"f_x": rules.numeric_binning(np.arange(100.0)), "f_gone": rules.numeric_binning(np.arange(9.0)), "f_k": rules.category_binning(["a"])}  # fmt: skip
    (only,) = rows.row_shares(table, binning, None, 100, **WINDOW)
    assert (only.metric, only.value) == ("data_quality.outlier_share", 0.5)
    (few,) = rows.row_shares(table.slice(0, 9), binning, None, 100, **WINDOW)
    assert few.status is MeasurementStatus.TOO_FEW
