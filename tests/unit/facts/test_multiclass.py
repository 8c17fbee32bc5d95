"""Models of several classes in production: what they promise before outcomes arrive, and what they kept."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

from services.facts.drift import rules
from services.facts.performance import estimation
from services.facts.performance.confidence import confidence_profile, largest
from services.facts.window.types import Granularity, Monitor, Watched
from services.kernel.identity import ModelRef
from services.kernel.period import Period
from services.workflows.monitoring.instruments import Whole
from services.workflows.monitoring.reference import CLASSES, Reference, classes
from tests.unit.facts.log_rows import END, START, by_name, labelled

NAMES = ("Adelie", "Chinstrap", "Gentoo")


def drawn(seed: int, n: int, *, sharp: float = 1.0, known: bool = True) -> pa.Table:
    """Rows of a model that says the truth about its chances; sharper inputs make it surer, and rightly so."""
    generator = np.random.default_rng(seed)
    scores = generator.dirichlet([0.5 / sharp] * 3, n)
    truth = [NAMES[generator.choice(3, p=each)] for each in scores]
    said = [NAMES[each] for each in scores.argmax(axis=1)]
    island = generator.normal(size=n)
    return labelled(
        n, truth if known else [None] * n, prediction=said, scores=scores.tolist(),
        score=scores.max(axis=1), f_x=island,
    )  # fmt: skip


def accuracy(table: pa.Table) -> float:
    return float(
        metrics.accuracy_score(
            table.column("outcome").to_pylist(), table.column("prediction").to_pylist()
        )
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_a_calibrated_model_promises_is_what_scikit_learn_finds_later(seed: int) -> None:
    calibration = estimation.calibrate(confidence_profile(drawn(seed, 20_000)))
    for sharp in (0.5, 1.0, 4.0):
        late = drawn(seed + 100, 5_000, sharp=sharp)
        unlabelled = drawn(seed + 100, 5_000, sharp=sharp, known=False)
        promised = estimation.estimate(calibration, confidence_profile(unlabelled))
        assert promised.accuracy == pytest.approx(accuracy(late), abs=4 * promised.error)
        assert abs(estimation.gap(calibration, confidence_profile(late)).sigmas) < 4


def test_outcomes_that_turned_are_a_gap_and_the_promise_stays() -> None:
    calibration = estimation.calibrate(confidence_profile(drawn(1, 20_000)))
    rows = drawn(2, 2_000)
    names = rows.column("outcome").to_pylist()
    turned = rows.set_column(
        rows.column_names.index("outcome"), "outcome", pa.array(names[1:] + names[:1])
    )
    found = estimation.gap(calibration, confidence_profile(turned))
    assert found.sigmas > 4
    assert found.promised == pytest.approx(accuracy(rows), abs=0.05)


def test_the_largest_score_counts_and_the_plain_score_where_there_are_no_others() -> None:
    table = pa.table(
        {"score": [0.4, 0.5, None], "scores": pa.array([[0.1, 0.7, 0.2], None, []], pa.list_(pa.float64()))}
    )  # fmt: skip
    found = largest(table)
    assert found[:2].tolist() == [0.7, 0.5]
    assert np.isnan(found[2])
    assert largest(table.select(["score"]))[:2].tolist() == [0.4, 0.5]


def whole(table: pa.Table) -> Whole:
    ref = ModelRef("r", "w", "penguins", 1, "run", "models:/penguins/1")
    watched = (Watched("x", "f_x", "number"),)
    monitor = Monitor("m", ref, Granularity.DAY, "multiclass", watched, "ab" * 32, table.num_rows, START)  # fmt: skip
    binning = rules.numeric_binning(table.column("f_x").to_numpy())
    return Whole(monitor, Reference(table, {"x": binning}, {}))


@pytest.mark.parametrize("told", [True, False])
def test_a_window_has_log_loss_and_an_estimate_from_the_classes_of_the_reference(
    told: bool,
) -> None:
    reference = drawn(1, 4_000)
    if told:
        names: Any = b'["Adelie", "Chinstrap", "Gentoo"]'
        reference = reference.replace_schema_metadata({CLASSES: names})
    assert classes(reference) == NAMES
    rows = drawn(9, 900)
    found = by_name(whole(reference).numbers(rows, Period(START, END)))
    truth, said = rows.column("outcome").to_pylist(), rows.column("prediction").to_pylist()
    scores = np.array(rows.column("scores").to_pylist())
    expected = {
        "accuracy": accuracy(rows),
        "f1_macro": metrics.f1_score(truth, said, average="macro"),
        "log_loss": metrics.log_loss(truth, scores, labels=list(NAMES)),
    }
    for name, value in expected.items():
        assert found[f"performance.{name}"].value == pytest.approx(value, abs=1e-12), name
    assert found["performance.estimated_accuracy"].value == pytest.approx(accuracy(rows), abs=0.05)
    assert found["performance.accuracy_gap"].value is not None
    assert "performance.estimated_auc" not in found


def test_classes_that_nobody_said_are_not_guessed() -> None:
    rows = drawn(1, 500)
    two = rows.filter(
        pa.array([each != "Gentoo" for each in rows.column("prediction").to_pylist()])
    )
    assert classes(two) == ()
    assert classes(two.drop_columns(["scores"])) == ()
    assert "performance.log_loss" not in by_name(whole(two).numbers(rows, Period(START, END)))
