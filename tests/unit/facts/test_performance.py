"""Performance against tables counted by hand and against scikit-learn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from sklearn import metrics

from services.facts.evidence.types import EvidenceKind, Reading
from services.facts.performance import statistics
from services.facts.performance.service import measure
from services.kernel.error import InsufficientEvidence
from services.record.canonical import canonical
from tests.unit.facts.readings import evaluation, named, value

Floats = npt.NDArray[np.float64]
TRUTH = [1, 1, 1, 1, 0, 0, 0, 0]
SCORES = [0.9, 0.8, 0.6, 0.3, 0.7, 0.4, 0.2, 0.1]
LETTERS = ["a", "a", "b", "b", "c", "c"]
SAID = np.array(
    [[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.2, 0.5, 0.3], [0.3, 0.5, 0.2], [0.1, 0.3, 0.6]]
)  # fmt: skip


def both(scores: Sequence[float] | Floats) -> Floats:
    yes = np.asarray(scores, dtype=np.float64)
    return np.column_stack([1 - yes, yes])


def binary(
    truth: Sequence[Any], scores: Sequence[float] | Floats, classes: tuple[Any, ...] = (0, 1),
    threshold: float = 0.5,
) -> Reading:  # fmt: skip
    return measure(evaluation({"y": truth}), both(scores), classes, seed=1, threshold=threshold)


def regression(truth: Sequence[float], guess: Sequence[float]) -> Reading:
    held = evaluation({"y": truth}, task="regression")
    return measure(held, np.array(guess, dtype=np.float64), (), seed=1)


def multiclass(outputs: Floats, classes: tuple[str, ...] = ("a", "b", "c")) -> Reading:
    held = evaluation({"y": LETTERS}, task="multiclass")
    return measure(held, outputs, classes, seed=1)


def filed(reading: Reading) -> set[str]:
    return {m.metric.removeprefix("performance.") for m in reading.measurements}


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("accuracy", 0.75), ("precision", 0.75), ("recall", 0.75), ("f1", 0.75), ("auc", 13 / 16),
     ("brier", 0.175)],
)  # fmt: skip
def test_a_table_of_eight_rows_gives_the_figures_counted_by_hand(
    metric: str, expected: float
) -> None:
    assert value(binary(TRUTH, SCORES), f"performance.{metric}") == pytest.approx(expected)


def test_the_counts_are_filed_beside_the_figures() -> None:
    reading = binary(TRUTH, SCORES)
    assert reading.kind is EvidenceKind.PERFORMANCE
    assert reading.payload["confusion"] == {"tp": 3, "fp": 1, "fn": 1, "tn": 3}
    assert (reading.payload["truth"], reading.payload["score"]) == (TRUTH, SCORES)
    assert reading.inputs[0].rows == 8


def test_a_binary_reading_agrees_with_scikit_learn_on_three_hundred_rows() -> None:
    generator = np.random.default_rng(5)
    truth = (generator.random(300) < 0.4).astype(int)
    scores = np.clip(generator.normal(0.35 + 0.25 * truth, 0.2), 0.01, 0.99).round(2)
    said = (scores >= 0.5).astype(int)
    reading = binary(truth.tolist(), scores)
    theirs = {
        "auc": metrics.roc_auc_score(truth, scores),
        "accuracy": metrics.accuracy_score(truth, said),
        "precision": metrics.precision_score(truth, said),
        "recall": metrics.recall_score(truth, said),
        "f1": metrics.f1_score(truth, said),
        "brier": metrics.brier_score_loss(truth, scores),
        "log_loss": metrics.log_loss(truth, scores),
    }
    assert filed(reading) == set(theirs)
    for name, expected in theirs.items():
        assert value(reading, f"performance.{name}") == pytest.approx(expected, rel=1e-12)


def test_a_probability_at_the_threshold_is_a_yes() -> None:
    assert binary([1, 0], [0.5, 0.4]).payload["confusion"]["tp"] == 1
    counts = {"tp": 2, "fp": 1, "fn": 2, "tn": 3}
    assert binary(TRUTH, SCORES, threshold=0.65).payload["confusion"] == counts


def test_tied_scores_are_worth_half_in_the_area() -> None:
    assert value(binary(TRUTH, [0.5] * 8), "performance.auc") == 0.5
    assert value(binary([1, 1, 0, 0], [0.9, 0.5, 0.5, 0.1]), "performance.auc") == 0.875


def test_labels_may_be_texts_and_the_second_class_is_the_yes() -> None:
    words = ["yes" if each else "no" for each in TRUTH]
    reading = binary(words, SCORES, classes=("no", "yes"))
    assert reading.payload["classes"] == ["no", "yes"]
    assert reading.payload["truth"] == TRUTH
    assert value(reading, "performance.auc") == 13 / 16


def test_without_a_single_yes_there_is_no_precision() -> None:
    reading = binary(TRUTH, [0.1] * 8)
    assert "precision" not in filed(reading)
    assert value(reading, "performance.recall") == 0.0
    assert value(reading, "performance.f1") == 0.0


def test_a_certain_mistake_costs_much_and_is_still_a_number() -> None:
    found = value(binary([1, 0], [0.0, 0.0]), "performance.log_loss")
    assert found == pytest.approx(-np.log(1e-15) / 2)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_an_answer_that_is_not_finite_is_not_measured(bad: float) -> None:
    with pytest.raises(InsufficientEvidence, match="numbers that are not finite"):
        binary([1, 0], [0.5, bad])
    with pytest.raises(InsufficientEvidence, match="numbers that are not finite"):
        regression([1.0, 2.0], [1.0, bad])


def test_not_one_answer_a_row_is_not_measured() -> None:
    with pytest.raises(InsufficientEvidence, match="answered 3 times to 8 rows"):
        binary(TRUTH, [0.1, 0.2, 0.3])


def test_a_classification_without_probabilities_is_not_measured() -> None:
    held = evaluation({"y": TRUTH})
    for outputs in (np.array(SCORES), np.ones((8, 1)), np.ones((8, 3)) / 3):
        with pytest.raises(InsufficientEvidence, match="a probability for each of two classes"):
            measure(held, outputs, (0, 1), seed=1)


def test_a_regression_gives_the_figures_counted_by_hand() -> None:
    reading = regression([1, 2, 3, 4], [1.5, 2, 2.5, 5])
    assert filed(reading) == {"mae", "rmse", "r2"}
    assert value(reading, "performance.mae") == 0.5
    assert value(reading, "performance.rmse") == pytest.approx(0.375**0.5)
    assert value(reading, "performance.r2") == pytest.approx(0.7)
    assert named(reading, "performance.rmse").unit == "target"


def test_a_regression_agrees_with_scikit_learn() -> None:
    generator = np.random.default_rng(6)
    truth = generator.normal(100, 15, 200)
    guess = truth + generator.normal(1, 4, 200)
    reading = regression(truth.tolist(), guess.tolist())
    theirs = {
        "mae": metrics.mean_absolute_error(truth, guess),
        "rmse": metrics.root_mean_squared_error(truth, guess),
        "r2": metrics.r2_score(truth, guess),
    }
    for name, expected in theirs.items():
        assert value(reading, f"performance.{name}") == pytest.approx(expected, rel=1e-12)


def test_a_model_worse_than_the_mean_has_an_r_squared_below_zero() -> None:
    assert value(regression([1, 2, 3], [3, 2, 1]), "performance.r2") == pytest.approx(-3.0)


def test_a_target_that_never_varies_has_no_r_squared() -> None:
    reading = regression([3, 3, 3], [2, 3, 5])
    assert filed(reading) == {"mae", "rmse"}
    assert value(reading, "performance.mae") == 1.0


def test_three_classes_give_the_figures_counted_by_hand() -> None:
    reading = multiclass(SAID)
    assert reading.payload["confusion"] == [[1, 1, 0], [0, 2, 0], [0, 1, 1]]
    assert value(reading, "performance.accuracy") == pytest.approx(4 / 6)
    assert value(reading, "performance.balanced_accuracy") == pytest.approx((0.5 + 1 + 0.5) / 3)
    macro = (2 / 3 + 2 / 3 + 2 / 3) / 3
    assert value(reading, "performance.f1_macro") == pytest.approx(macro)
    truth = [0.7, 0.3, 0.8, 0.5, 0.2, 0.6]
    assert reading.payload["likelihood"] == truth
    assert value(reading, "performance.log_loss") == pytest.approx(-np.log(truth).mean())


def test_three_classes_agree_with_scikit_learn() -> None:
    said = [("a", "b", "c")[i] for i in SAID.argmax(axis=1)]
    reading = multiclass(SAID)
    theirs = {
        "accuracy": metrics.accuracy_score(LETTERS, said),
        "balanced_accuracy": metrics.balanced_accuracy_score(LETTERS, said),
        "f1_macro": metrics.f1_score(LETTERS, said, average="macro"),
        "log_loss": metrics.log_loss(LETTERS, SAID, labels=["a", "b", "c"]),
    }
    assert filed(reading) == set(theirs)
    for name, expected in theirs.items():
        assert value(reading, f"performance.{name}") == pytest.approx(expected, rel=1e-12)


def test_columns_follow_the_models_order_of_classes() -> None:
    turned = multiclass(SAID[:, [2, 0, 1]], ("c", "a", "b"))
    assert turned.payload["confusion"] == [[1, 0, 1], [0, 1, 1], [0, 0, 2]]
    assert value(turned, "performance.accuracy") == pytest.approx(4 / 6)


def test_a_class_the_version_never_learned_is_not_measured() -> None:
    with pytest.raises(InsufficientEvidence, match="does not know the class"):
        multiclass(SAID[:, :2], ("a", "b"))


def test_an_accuracys_interval_is_wilsons_and_an_errors_is_students() -> None:
    share = named(binary(TRUTH, SCORES), "performance.accuracy")
    wilson = stats.binomtest(6, 8).proportion_ci(0.95, method="wilson")
    assert (share.lo, share.hi) == pytest.approx((wilson.low, wilson.high), abs=1e-12)
    error = named(regression([1, 2, 3, 4], [1.5, 2, 2.5, 5]), "performance.mae")
    half = 3.182446 * (0.5 / 3) ** 0.5 / 2
    assert (error.lo, error.hi) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)


def test_the_area_of_two_rows_spans_nearly_everything() -> None:
    found = statistics.auc_delong(np.array([True, False]), np.array([0.9, 0.1]))
    assert (found.value, found.lo, found.hi) == (1.0, pytest.approx(0.025), 1.0)


def test_no_true_and_no_predicted_positive_leave_no_f1() -> None:
    assert statistics.f_score(0, 0, 0, 9) is None


def test_the_same_answers_give_the_same_bytes() -> None:
    assert canonical(multiclass(SAID).payload) == canonical(multiclass(SAID).payload)
    assert multiclass(SAID).measurements == multiclass(SAID).measurements


@pytest.mark.parametrize("target", [["no", "yes"] * 4, [1, 2] * 4])
def test_a_truth_in_other_words_than_the_models_is_not_measured(target: list[Any]) -> None:
    rows = evaluation({"y": target})
    with pytest.raises(
        InsufficientEvidence, match=f"does not know the class {target[0]!r}|class 2"
    ):
        measure(rows, both([0.2, 0.8] * 4), (0, 1), seed=1)


@pytest.mark.parametrize("scores", [[0.2, 1.5], [-0.1, 0.5]])
def test_probabilities_outside_nought_to_one_are_not_measured(scores: list[float]) -> None:
    with pytest.raises(InsufficientEvidence, match="outside 0 to 1"):
        measure(evaluation({"y": [0, 1]}), both(scores), (0, 1), seed=1)


def test_answers_of_another_shape_are_refused_in_words() -> None:
    three = evaluation({"y": ["a", "b", "c"]}, task="multiclass")
    numbers = evaluation({"y": [1.0, 2.0, 3.0]}, task="regression")
    wrong: list[tuple[Any, Floats, tuple[str, ...]]] = [
        (three, np.array([0.1, 0.2, 0.3]), ("a", "b", "c")),
        (three, np.full((3, 2), 0.5), ("a", "b", "c")),
        (numbers, np.zeros((3, 2)), ()),
    ]
    for rows, outputs, classes in wrong:
        with pytest.raises(InsufficientEvidence, match=r"each of its classes|one number a row"):
            measure(rows, outputs, classes, seed=1)
    for rows in (three, numbers):
        with pytest.raises(InsufficientEvidence, match="answered 1 times to 3 rows"):
            measure(rows, np.array(0.5), (), seed=1)


@pytest.mark.parametrize("classes", [([0], [1]), (None, 1)])
def test_classes_that_are_no_texts_or_numbers_are_refused(classes: tuple[Any, ...]) -> None:
    with pytest.raises(InsufficientEvidence, match="must be texts or numbers"):
        binary([1, 0], [0.5, 0.4], classes=classes)


def test_an_unknown_class_is_named_plainly() -> None:
    with pytest.raises(InsufficientEvidence, match="does not know the class 0"):
        binary([1, 0], [0.5, 0.4], classes=(1, 2))


def test_a_probability_may_miss_its_bounds_by_rounding() -> None:
    single = float(np.float32(1.0) + np.finfo(np.float32).eps)  # what a softmax in float32 may give
    assert binary([1, 0], [single, -1e-10]).payload["confusion"]["tp"] == 1
    with pytest.raises(InsufficientEvidence, match="outside 0 to 1"):
        binary([1, 0], [1 + 1e-5, 0.5])


def test_a_class_that_neither_occurs_nor_is_said_does_not_count() -> None:
    truth, said = [0, 1, 0, 2], [0, 1, 0, 1]
    outputs = np.eye(4)[said]
    reading = measure(evaluation({"y": truth}, task="multiclass"), outputs, (0, 1, 2, 3), seed=1)
    expected = metrics.f1_score(truth, said, average="macro")
    assert value(reading, "performance.f1_macro") == pytest.approx(expected) == pytest.approx(5 / 9)


def test_a_target_that_varies_by_rounding_alone_has_no_r_squared() -> None:
    assert filed(regression([0.1, 0.1, 0.1], [0.1, 0.2, 0.3])) == {"mae", "rmse"}


def test_a_target_that_varies_by_what_cannot_be_squared_has_no_r_squared() -> None:
    assert filed(regression([1e-200, 2e-200, 3e-200], [0.0, 0.0, 0.0])) == {"mae", "rmse"}


@pytest.mark.parametrize(
    ("truth", "guess"), [([1.0, 2.0], [1e300, 0.0]), ([1e200, 2e200], [1.0, 2.0])]
)
def test_numbers_that_cannot_be_squared_are_refused(truth: list[float], guess: list[float]) -> None:
    with pytest.raises(InsufficientEvidence, match="too large to be squared"):
        regression(truth, guess)


def test_draws_count_the_classes_as_the_figure_does() -> None:
    table = np.array([[4, 1, 0], [2, 3, 0], [0, 0, 0]])
    known, met = statistics.macro_f1(table, 1), statistics.macro_f1(table[:2, :2], 1)
    assert known.value == met.value
    assert (known.lo, known.hi) == pytest.approx((met.lo, met.hi), abs=0.02)


def test_a_perfect_regression_explains_everything_and_has_no_interval() -> None:
    found = named(regression([1.0, 2.0, 4.0], [1.0, 2.0, 4.0]), "performance.r2")
    assert (found.value, found.lo, found.hi) == (1.0, None, None)
