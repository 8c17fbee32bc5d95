"""Realised performance of a window against scikit-learn, and what too few outcomes do not tell."""

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

from services.facts.evidence.types import MeasurementStatus
from services.facts.performance import calibration, production
from services.facts.window.types import WindowMetric
from tests.unit.facts.log_rows import END, START, by_name, instants, labelled, rows, spread


def measured(table: pa.Table, task: str = "classification", **more: Any) -> dict[str, WindowMetric]:
    given = {"threshold": 0.4, "favourable": 1, **more}
    threshold, favourable = given.pop("threshold"), given.pop("favourable")
    return by_name(production.measure(table, task, threshold, favourable, START, END, **given))


def binary(n: int = 800, seed: int = 5) -> tuple[Any, Any]:
    generator = np.random.default_rng(seed)
    scores = generator.beta(2, 3, n)
    return scores, (generator.random(n) < scores).astype(int)


def test_a_binary_window_is_what_scikit_learn_says() -> None:
    scores, outcome = binary()
    told = [int(each) if k % 4 else None for k, each in enumerate(outcome)]
    found = measured(labelled(800, told, score=scores))
    has = np.array([each is not None for each in told])
    truth, score = outcome[has], scores[has]
    said = score >= 0.4
    expected = {
        "auc": metrics.roc_auc_score(truth, score),
        "accuracy": metrics.accuracy_score(truth, said),
        "precision": metrics.precision_score(truth, said),
        "recall": metrics.recall_score(truth, said),
        "f1": metrics.f1_score(truth, said),
        "brier": metrics.brier_score_loss(truth, score),
        "log_loss": metrics.log_loss(truth, score),
    }
    for name, value in expected.items():
        its = found[f"performance.{name}"]
        assert its.value == pytest.approx(value, abs=1e-12), name
        assert its.lo is not None
        assert its.hi is not None
        assert its.lo < value < its.hi
    coverage = found["performance.label_coverage"]
    assert (coverage.value, coverage.n) == (0.75, 800)
    assert found["performance.label_lag_hours"].value == 48.0


@pytest.mark.parametrize(
    ("outcomes", "favourable"),
    [
        (lambda y: [bool(each) for each in y], 1),
        (lambda y: [str(each) for each in y], 1),
        (lambda y: [float(each) for each in y], "1"),
        (lambda y: ["paid" if each else "late" for each in y], "paid"),
    ],
)
def test_one_class_has_one_name_however_it_is_written(outcomes: Any, favourable: Any) -> None:
    scores, outcome = binary()
    plain = measured(labelled(800, outcome.tolist(), score=scores))
    other = measured(labelled(800, outcomes(outcome), score=scores), favourable=favourable)
    assert other == plain


def test_without_a_threshold_the_log_says_what_was_told() -> None:
    scores, outcome = binary()
    said = ["yes" if each > 0.7 else "no" for each in scores]
    table = labelled(800, ["yes" if each else "no" for each in outcome], prediction=said)
    found = measured(table, threshold=None, favourable="yes")
    assert found["performance.accuracy"].value == np.mean((scores > 0.7) == outcome)
    assert found["performance.auc"].status is MeasurementStatus.TOO_FEW  # no score was logged


def test_requests_that_failed_are_no_predictions() -> None:
    scores, outcome = binary()
    status = ["error"] * 100 + ["ok"] * 700
    found = measured(labelled(800, outcome.tolist(), score=scores, status=status))
    assert found["performance.accuracy"].n == 700
    assert found["performance.label_coverage"].n == 700


def test_too_few_outcomes_are_too_few_and_one_class_has_no_auc() -> None:
    scores, outcome = binary(200)
    few = [int(each) if k < 29 else None for k, each in enumerate(outcome)]
    found = measured(labelled(200, few, score=scores))
    for name, each in found.items():
        if name.startswith("performance.label"):
            continue
        assert (each.value, each.status, each.n) == (None, MeasurementStatus.TOO_FEW, 29), name
    one = measured(labelled(200, [1] * 200, score=scores))
    assert one["performance.auc"].status is MeasurementStatus.NOT_ESTIMABLE
    assert one["performance.recall"].value is not None


def test_scores_that_are_no_probabilities_are_judged_by_their_order_alone() -> None:
    scores, outcome = binary()
    found = measured(labelled(800, outcome.tolist(), score=scores * 10 - 3))
    assert found["performance.auc"].value == pytest.approx(metrics.roc_auc_score(outcome, scores))
    assert found["performance.brier"].status is MeasurementStatus.NOT_ESTIMABLE
    odd = np.where(np.arange(800) % 10 == 0, np.inf, scores)
    assert measured(labelled(800, outcome.tolist(), score=odd))["performance.auc"].n == 720


def test_a_window_without_rows_or_outcomes_is_never_well() -> None:
    for table in (rows(0), rows(50, score=[0.5] * 50), rows(50, outcome=pa.nulls(50))):
        for task in ("classification", "regression", "multiclass"):
            found = measured(table, task)
            assert {each.status for name, each in found.items() if "coverage" not in name} == {
                MeasurementStatus.TOO_FEW
            }
    assert measured(rows(50))["performance.label_coverage"].value == 0.0
    assert measured(rows(0))["performance.label_coverage"].value is None


def test_a_regression_is_what_scikit_learn_says() -> None:
    generator = np.random.default_rng(2)
    guess = generator.normal(10, 3, 300)
    truth = guess + generator.normal(0, 1, 300)
    found = measured(labelled(300, truth.tolist(), prediction=guess), "regression")
    assert found["performance.mae"].value == pytest.approx(
        metrics.mean_absolute_error(truth, guess)
    )
    assert found["performance.rmse"].value == pytest.approx(
        metrics.root_mean_squared_error(truth, guess)
    )
    assert found["performance.r2"].value == pytest.approx(metrics.r2_score(truth, guess))
    endless = [*truth[:-1].tolist(), float("inf")]
    odd = measured(labelled(300, endless, prediction=guess), "regression")
    assert odd["performance.mae"].n == 299
    flat = measured(labelled(300, [4.0] * 300, prediction=guess), "regression")
    assert flat["performance.r2"].status is MeasurementStatus.NOT_ESTIMABLE


def test_several_classes_are_what_scikit_learn_says() -> None:
    generator = np.random.default_rng(4)
    scores = generator.dirichlet([1, 1, 1], 500)
    truth = np.array([generator.choice(3, p=each) for each in scores])
    table = labelled(500, truth.tolist(), prediction=scores.argmax(axis=1), scores=scores.tolist())
    found = measured(table, "multiclass", classes=(0, 1, 2))
    said = scores.argmax(axis=1)
    expected = {
        "accuracy": metrics.accuracy_score(truth, said),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, said),
        "f1_macro": metrics.f1_score(truth, said, average="macro"),
        "log_loss": metrics.log_loss(truth, scores),
    }
    for name, value in expected.items():
        assert found[f"performance.{name}"].value == pytest.approx(value, abs=1e-12), name
    assert "performance.log_loss" not in measured(table, "multiclass")


def test_a_million_names_for_classes_are_no_classes() -> None:
    truth = [f"id-{k}" for k in range(300)]
    found = measured(labelled(300, truth, prediction=truth), "multiclass")
    assert found["performance.accuracy"].value == 1.0
    assert found["performance.f1_macro"].status is MeasurementStatus.NOT_ESTIMABLE


def test_history_that_was_loaded_at_once_has_its_own_lag_and_not_its_age() -> None:
    loaded = instants([END + timedelta(days=200)] * 60)
    then = instants([each + timedelta(hours=30) for each in spread(60)])
    told = {"outcome": [1] * 60, "outcome_at": then, "outcome_received_at": loaded}
    old = measured(rows(60, score=[0.5] * 60, **told).set_column(1, "received_at", loaded))
    assert old["performance.label_lag_hours"].value == 30.0
    late = measured(rows(60, score=[0.5] * 60, **told))
    assert late["performance.label_lag_hours"].value > 24 * 199


def test_the_calibration_error_is_its_definition_and_its_noise_is_what_chance_gives() -> None:
    scores, outcome = binary(1_000)
    order = np.argsort(scores, kind="stable")
    parts = np.array_split(order, 10)
    expected = sum(abs(scores[p].mean() - outcome[p].mean()) * len(p) for p in parts) / 1_000
    found = calibration.calibration_error(outcome == 1, scores)
    assert found.value == pytest.approx(expected, abs=1e-12)
    generator = np.random.default_rng(9)
    for n in (100, 500):
        held = 0
        for _ in range(400):
            drawn = generator.beta(2, 3, n)
            truth = generator.random(n) < drawn
            error = calibration.calibration_error(truth, drawn).value
            held += error <= calibration.noise(drawn, seed=1)
        assert 0.92 <= held / 400 <= 0.98


def test_scores_that_promise_too_much_stand_above_the_noise() -> None:
    scores, outcome = binary(2_000)
    calm = measured(labelled(2_000, outcome.tolist(), score=scores))["performance.ece"]
    loud = measured(labelled(2_000, outcome.tolist(), score=scores**2))["performance.ece"]
    assert calm.floor is not None
    assert loud.floor is not None
    assert calm.value is not None
    assert loud.value is not None
    assert calm.value <= calm.floor * 1.2
    assert loud.value > 3 * loud.floor


def test_outcomes_that_are_known_of_some_rows_only_are_said_beside_what_rests_on_them() -> None:
    """A bank learns of those it lends to alone: the accuracy of those is not that of all."""
    scores, outcome = binary(1_000)
    lent = scores >= 0.8
    selective = [int(each) if known else None for each, known in zip(outcome, lent, strict=True)]
    told = measured(labelled(1_000, selective, score=scores))["performance.accuracy"]
    whole = measured(labelled(1_000, outcome.tolist(), score=scores))["performance.accuracy"]
    assert told.coverage == pytest.approx(lent.mean())
    assert whole.coverage == 1.0
    assert abs((told.value or 0.0) - (whole.value or 0.0)) > 0.05
