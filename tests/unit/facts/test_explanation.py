"""Explanations of models whose parts are known by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from services.facts.evidence.types import EvidenceKind, Reading
from services.facts.explanation.service import Explained, Floats, from_values
from services.facts.explanation.shap_adapter import Attribution, explain
from services.kernel.error import InsufficientEvidence
from services.record.canonical import canonical
from tests.unit.facts.readings import named, value

SQUARE = pd.DataFrame(
    {"c": [1.0, -1.0, -1.0, 1.0], "a": [1.0, -1.0, 1.0, -1.0], "b": [1.0, 1.0, -1.0, -1.0]}
)


def filed(found: Attribution, seed: int = 1) -> Reading:
    explained = Explained(
        found.values, found.base, found.output, found.features, found.space, found.explainer,
        found.background_rows,
    )  # fmt: skip
    return from_values(explained, seed=seed, evaluation_sha256="ab" * 32)


def linear() -> Any:
    """Return 2 + 0.5 c + 3 a - b."""
    model: Any = LinearRegression()
    model.coef_, model.intercept_, model.n_features_in_ = np.array([0.5, 3.0, -1.0]), 2.0, 3
    return model


def many(n: int) -> pd.DataFrame:
    generator = np.random.default_rng(4)
    return pd.DataFrame(generator.normal(size=(n, 3)), columns=["a", "b", "c"])


def bars(reading: Reading) -> list[tuple[str, float | None]]:
    return [
        (m.segment.removeprefix("feature="), m.value)
        for m in reading.measurements
        if m.metric == "explanation.importance"
    ]


def test_the_bars_of_a_linear_model_are_its_coefficients_largest_first() -> None:
    reading = filed(explain(linear(), SQUARE, SQUARE, 1))
    assert reading.kind is EvidenceKind.EXPLANATION
    assert bars(reading) == [
        ("a", pytest.approx(3.0)), ("b", pytest.approx(1.0)), ("c", pytest.approx(0.5)),
    ]  # fmt: skip
    assert reading.payload["features"] == ["c", "a", "b"]
    assert reading.payload["mean_absolute"] == [0.5, 3.0, 1.0]
    assert (reading.payload["base"], reading.payload["space"]) == (2.0, "target")


def test_each_row_of_a_linear_model_is_coefficient_times_distance_from_the_background() -> None:
    background = pd.DataFrame({"c": [2.0, 4.0], "a": [0.0, 2.0], "b": [1.0, 1.0]})
    found = explain(linear(), SQUARE, background, 1)
    assert found.base == pytest.approx(2 + 0.5 * 3 + 3 * 1 - 1)
    assert found.values[0].tolist() == pytest.approx([0.5 * (1 - 3), 0.0, 0.0])
    assert found.values[3].tolist() == pytest.approx([0.5 * (1 - 3), 3.0 * (-1 - 1), 2.0])
    assert found.background_rows == 2


def test_a_stump_gives_everything_to_the_feature_it_asks_about() -> None:
    model = DecisionTreeRegressor(max_depth=1, random_state=0)
    model.fit(SQUARE, 10.0 * (SQUARE["a"] > 0))
    reading = filed(explain(model, SQUARE, SQUARE, 1))
    assert bars(reading) == [("a", pytest.approx(5.0)), ("b", 0.0), ("c", 0.0)]
    assert reading.payload["base"] == 5.0


def test_a_tree_of_two_classes_is_explained_in_the_probability_of_the_second() -> None:
    model = DecisionTreeClassifier(max_depth=1, random_state=0)
    model.fit(SQUARE, np.where(SQUARE["a"] > 0, "yes", "no"))
    found = explain(model, SQUARE, SQUARE, 1)
    assert found.space == "probability"
    assert found.output.tolist() == [1.0, 0.0, 1.0, 0.0]
    assert found.values[:, 1].tolist() == pytest.approx([0.5, -0.5, 0.5, -0.5])


@pytest.mark.parametrize(
    ("model", "space"),
    [
        (LogisticRegression(), "log-odds"),
        (GradientBoostingClassifier(n_estimators=5, random_state=0), "log-odds"),
        (HistGradientBoostingClassifier(max_iter=5, random_state=0), "log-odds"),
        (RandomForestClassifier(5, random_state=0), "probability"),
        (HistGradientBoostingRegressor(max_iter=5, random_state=0), "target"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "log-odds"),
    ],
)
def test_the_parts_add_up_to_the_models_own_output(model: Any, space: str) -> None:
    rows = many(200)
    model.fit(rows, (2 * rows["a"] - rows["b"] > 0).astype(int))
    reading = filed(explain(model, rows, rows.iloc[:50], 1))
    assert reading.payload["space"] == space
    assert [name for name, _ in bars(reading)] == ["a", "b", "c"]
    assert 0 <= value(reading, "explanation.additivity_residual") < 1e-5


def test_a_scaled_linear_model_moves_the_output_as_the_plain_one_does() -> None:
    rows = many(100)
    target = 5 * rows["a"] - 2 * rows["b"]
    plain = filed(explain(LinearRegression().fit(rows, target), rows, rows, 1))
    pipeline = make_pipeline(StandardScaler(), LinearRegression()).fit(rows, target)
    scaled = filed(explain(pipeline, rows, rows, 1))
    ours = dict(bars(plain))
    assert ours["a"] == pytest.approx(5 * (rows["a"] - rows["a"].mean()).abs().mean())
    assert dict(bars(scaled)) == pytest.approx(ours, abs=1e-9)


@pytest.mark.parametrize("model", [KNeighborsClassifier(3), SVC()])
def test_another_kind_of_model_is_not_measured(model: Any) -> None:
    rows = many(30)
    model.fit(rows, (rows["a"] > 0).astype(int))
    words = f"Explanations of a {type(model).__name__} are not measured in this release"
    with pytest.raises(InsufficientEvidence, match=words):
        explain(model, rows, rows, 1)


def test_three_classes_are_not_explained() -> None:
    rows = many(30)
    model = LogisticRegression().fit(rows, np.arange(30) % 3)
    with pytest.raises(InsufficientEvidence, match="of a LogisticRegression are not measured"):
        explain(model, rows, rows, 1)


def test_a_pipeline_that_drops_a_column_is_not_explained() -> None:
    rows = many(30)
    model = make_pipeline(SelectKBest(k=2), LogisticRegression())
    model.fit(rows, (rows["a"] > 0).astype(int))
    with pytest.raises(InsufficientEvidence, match="changes, mixes or reorders columns"):
        explain(model, rows, rows, 1)


def test_native_categories_that_shap_misreads_are_not_filed() -> None:
    rows = many(300).assign(a=np.arange(300) % 12)
    first: Any = [0]
    model = HistGradientBoostingClassifier(max_iter=10, categorical_features=first, random_state=0)
    model.fit(rows, (rows["a"] * 7 % 5 > 1).astype(int))
    found = explain(model, rows, rows.iloc[:100], 1)
    with pytest.raises(InsufficientEvidence, match="miss the model's own output"):
        filed(found)


def test_a_thousand_rows_of_more_are_explained_and_the_seed_chooses_them() -> None:
    rows = many(1001)
    model = LinearRegression().fit(rows, rows["a"])
    first, again = (explain(model, rows, rows.iloc[:10], 7) for _ in range(2))
    other = explain(model, rows, rows.iloc[:10], 8)
    assert len(first.values) == len(first.output) == 1000
    assert filed(first).payload["n"] == 1000
    assert np.array_equal(first.output, again.output)
    assert not np.array_equal(first.output, other.output)


def test_a_thousand_rows_are_explained_whole_and_in_order() -> None:
    rows = many(1000)
    model = LinearRegression().fit(rows, rows["a"])
    found = explain(model, rows, rows.iloc[:10], 7)
    assert found.output.tolist() == pytest.approx(rows["a"].tolist(), abs=1e-9)


def test_two_hundred_rows_are_shown_in_the_evidence() -> None:
    rows = many(201)
    reading = filed(explain(LinearRegression().fit(rows, rows["a"]), rows, rows, 1))
    assert (len(reading.payload["sample"]), reading.payload["n"]) == (200, 201)


def test_the_same_forest_twice_gives_the_same_bytes() -> None:
    rows = many(120)
    target = (rows["a"] > 0).astype(int)
    forests = [RandomForestClassifier(8, random_state=3).fit(rows, target) for _ in range(2)]
    first, second = (filed(explain(model, rows, rows.iloc[:50], 9), 9) for model in forests)
    assert canonical(first.payload) == canonical(second.payload)
    assert first.measurements == second.measurements


def by_hand(output: Floats) -> Explained:
    values = np.array([[1.0, -2.0], [3.0, -2.0]])
    return Explained(values, 10.0, output, ("x", "y"), "target", "by hand", 2)


def test_a_bars_interval_is_that_of_the_mean() -> None:
    held = by_hand(np.array([9.0, 11.0]))
    found = named(
        from_values(held, seed=1, evaluation_sha256="cd" * 32),
        "explanation.importance",
        "feature=x",
    )
    assert (found.value, found.lo, found.hi) == pytest.approx((2.0, 0.04, 3.96))
    assert (found.n, found.level, found.unit) == (2, 0.95, "target")


@pytest.mark.parametrize("output", [np.array([9.0]), np.array([[9.0], [11.0]]), np.array([])])
def test_parts_of_another_shape_are_refused(output: Floats) -> None:
    with pytest.raises(InsufficientEvidence, match="not one a row and feature"):
        from_values(by_hand(output), seed=1, evaluation_sha256="cd" * 32)


@pytest.mark.parametrize("off", [0.002, -0.002, float("nan")])
def test_parts_that_miss_the_output_are_refused_with_the_gap(off: float) -> None:
    held = by_hand(np.array([9.0, 11.0 + off]))
    with pytest.raises(InsufficientEvidence, match="miss the model's own output by (0.002|nan)"):
        from_values(held, seed=1, evaluation_sha256="cd" * 32)


def test_a_gap_within_a_ten_thousandth_of_the_output_is_filed_as_the_residual() -> None:
    held = by_hand(np.array([9.0, 11.001]))
    reading = from_values(held, seed=1, evaluation_sha256="cd" * 32)
    assert value(reading, "explanation.additivity_residual") == pytest.approx(0.001)


@pytest.mark.parametrize("kind", ["reorders", "mixes"])
def test_a_pipeline_whose_columns_are_not_the_features_is_not_explained(kind: str) -> None:
    rows = many(100)
    reorders = ColumnTransformer([("s", StandardScaler(), ["c"])], remainder="passthrough")
    model = make_pipeline(reorders if kind == "reorders" else PCA(), LinearRegression())
    model.fit(rows, 5 * rows["a"] - 2 * rows["b"])
    with pytest.raises(InsufficientEvidence, match="changes, mixes or reorders columns"):
        explain(model, rows, rows, 1)


def test_a_step_that_does_not_name_its_columns_is_not_explained() -> None:
    rows = many(30)
    model = make_pipeline(FunctionTransformer(np.log1p), LinearRegression())
    model.fit(rows.abs(), rows["a"])
    with pytest.raises(InsufficientEvidence, match="does not say which columns"):
        explain(model, rows.abs(), rows.abs(), 1)


def reversed_columns(rows: Any) -> Any:
    return np.asarray(rows)[:, ::-1]


@pytest.mark.parametrize(
    "step", [Normalizer(), FunctionTransformer(reversed_columns, feature_names_out="one-to-one")]
)
def test_a_step_that_mixes_columns_under_their_old_names_is_not_explained(step: Any) -> None:
    rows = many(100)
    model = make_pipeline(step, LinearRegression()).fit(rows, 5 * rows["a"] - 2 * rows["b"])
    with pytest.raises(InsufficientEvidence, match="changes, mixes or reorders columns"):
        explain(model, rows, rows, 1)


Scaler: Any = StandardScaler


class Nameless(Scaler):
    def get_feature_names_out(self) -> list[str]:
        return []


def test_a_step_that_names_its_columns_in_another_way_is_not_explained() -> None:
    rows = many(30)
    model = make_pipeline(Nameless(), LinearRegression()).fit(rows, rows["a"])
    with pytest.raises(InsufficientEvidence, match="does not say which columns"):
        explain(model, rows, rows, 1)


@pytest.mark.parametrize("columns", [["c", "a", "b"], ["a", "b"], ["a", "b", "c", "a"]])
@pytest.mark.parametrize("scaled", [True, False])
def test_rows_with_other_columns_than_the_model_learned_from_are_not_explained(
    columns: list[str], scaled: bool
) -> None:
    rows = many(30)
    model = make_pipeline(StandardScaler(), LinearRegression()) if scaled else LinearRegression()
    model.fit(rows, rows["a"])
    with pytest.raises(InsufficientEvidence, match="learned from other columns"):
        explain(model, rows[columns], rows[columns], 1)


def test_imputed_and_scaled_rows_are_explained_with_their_gaps() -> None:
    rows = many(60)
    rows.loc[3, "b"] = None
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    model.fit(rows, (rows["a"] > 0).astype(int))
    name, _ = bars(filed(explain(model, rows, rows, 1)))[0]
    assert name == "a"


def test_a_pipeline_of_one_step_is_that_step() -> None:
    rows = many(30)
    plain = explain(LinearRegression().fit(rows, rows["a"]), rows, rows, 1)
    piped = explain(make_pipeline(LinearRegression()).fit(rows, rows["a"]), rows, rows, 1)
    assert np.array_equal(plain.values, piped.values)


@pytest.mark.parametrize(
    "model", [DecisionTreeRegressor(), RandomForestClassifier(3), DecisionTreeClassifier()]
)
def test_a_tree_of_two_outputs_is_not_explained(model: Any) -> None:
    rows = many(30)
    model.fit(rows, (rows[["a", "b"]] > 0).astype(int))
    with pytest.raises(InsufficientEvidence, match="several outputs"):
        explain(model, rows, rows, 1)


def test_boosting_that_starts_from_another_model_is_not_explained() -> None:
    rows = many(60)
    model = GradientBoostingClassifier(init=LogisticRegression(), n_estimators=3)
    model.fit(rows, (rows["a"] > 0).astype(int))
    with pytest.raises(InsufficientEvidence, match="made in this way are not measured"):
        explain(model, rows, rows, 1)


def test_a_model_that_learned_nothing_is_not_explained() -> None:
    with pytest.raises(InsufficientEvidence, match="not measured"):
        explain(LinearRegression(), SQUARE, SQUARE, 1)


def test_one_class_and_two_outputs_are_not_explained() -> None:
    rows = many(30)
    with pytest.raises(InsufficientEvidence, match="are not measured"):
        explain(DecisionTreeClassifier().fit(rows, np.zeros(30)), rows, rows, 1)
    two = LinearRegression().fit(rows, rows[["a", "b"]])
    with pytest.raises(InsufficientEvidence, match="several outputs"):
        explain(two, rows, rows, 1)


def test_one_row_gives_bars_without_an_interval() -> None:
    explained = Explained(
        np.array([[2.0, -1.0]]), 0.5, np.array([1.5]), ("a", "b"), "target", "x", 1
    )
    bars = from_values(explained, seed=1, evaluation_sha256="ab" * 32).measurements[:2]
    assert [(bar.value, bar.lo, bar.hi, bar.level) for bar in bars] == [
        (2.0, None, None, None),
        (1.0, None, None, None),
    ]
