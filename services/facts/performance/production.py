"""How well a version did in a window of production, over the rows whose outcome is known.

Notes
-----
The formulas and intervals are those of the evaluation set (:mod:`figures`). Which outcome counts, of
several for one prediction, the reader of the log has settled.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from services.facts.evidence.types import MeasurementStatus
from services.facts.performance import calibration, figures, labelling, statistics
from services.facts.performance.answers import LARGEST
from services.facts.performance.figures import Figures
from services.facts.performance.statistics import Estimate, Floats, Truths
from services.facts.prediction.columns import (
    Labels,
    answered,
    decisions,
    known,
    label,
    labels,
    numbers,
)
from services.facts.window.types import WindowMetric

LEAST = 30
"""Fewer rows with an outcome are too few for a number."""
MOST_CLASSES = 50
SEED = 20_130_301


class Window(NamedTuple):
    """What every number of a window has in common."""

    start: datetime
    end: datetime
    segment: str


def measure(
    table: pa.Table,
    task: str,
    threshold: float | None,
    favourable: int | str | None,
    start: datetime,
    end: datetime,
    *,
    classes: Sequence[int | str] = (),
    segment: str = "",
) -> list[WindowMetric]:
    """Measure realised performance, label coverage and label lag.

    Parameters
    ----------
    table
        The rows of the window, as the prediction log gives them; requests that failed do not count.
    task
        classification, multiclass or regression.
    threshold
        From which score on a row was told the positive class; None where ``prediction`` says it.
    favourable
        The outcome that is the positive class, of which ``score`` is the probability; None is 1.
    classes
        Of a multiclass model, in the order of ``scores``; without them there is no log loss.
    """
    ok, window = answered(table), Window(start, end, segment)
    if task == "classification":
        positive = label(1 if favourable is None else favourable)
        found = _binary(ok, threshold, str(positive), window)
    elif task == "multiclass":
        found = _multiclass(ok, [str(label(each)) for each in classes], window)
    else:
        found = _regression(ok, window)
    told = labelling.measure(ok, start, end, segment=segment)
    return [*(replace(each, coverage=told[0].value) for each in found), *told]


def _binary(
    table: pa.Table, threshold: float | None, positive: str, window: Window
) -> list[WindowMetric]:
    outcomes, scores = labels(table, "outcome"), numbers(table, "score")
    said, decided = decisions(table, threshold, positive)
    truth, has = outcomes == positive, known(outcomes)
    decided, scored = decided & has, np.isfinite(scores) & has
    enough = int(decided.sum()) >= LEAST
    table_of = figures.confusion(truth[decided], said[decided])
    found = figures.of_decisions(table_of) if enough else {}
    names = ("accuracy", "precision", "recall", "f1")
    told = [_told(window, name, found.get(name), sum(table_of)) for name in names]
    return told + _scored(truth[scored], scores[scored], window)


def _scored(truth: Truths, scores: Floats, window: Window) -> list[WindowMetric]:
    """Return the figures of scores: of those outside [0, 1] only their order counts."""
    n, found, floor = len(truth), Figures(), None
    if n >= LEAST:
        if truth.any() and not truth.all():
            found["auc"] = statistics.auc_delong(truth, scores)
        if scores.min() >= 0 and scores.max() <= 1:
            found |= figures.of_probabilities(truth, scores)
            found["ece"] = calibration.calibration_error(truth, scores)
            floor = calibration.noise(scores, SEED)
    names = ("auc", "brier", "log_loss")
    told = [_told(window, name, found.get(name), n) for name in names]
    return [*told, _told(window, "ece", found.get("ece"), n, floor)]


def _multiclass(table: pa.Table, classes: Sequence[str], window: Window) -> list[WindowMetric]:
    outcomes, said = labels(table, "outcome"), labels(table, "prediction")
    both = known(outcomes) & known(said)
    true, chosen, n = outcomes[both], said[both], int(both.sum())
    names = sorted({*true, *chosen, *classes})
    found = Figures()
    if n >= LEAST:
        found["accuracy"] = statistics.wilson(int((true == chosen).sum()), n)
        if len(names) <= MOST_CLASSES:
            place = {name: index for index, name in enumerate(names)}
            one, two = (np.array([place[each] for each in column]) for column in (true, chosen))
            found |= figures.of_classes(figures.confusion_matrix(one, two, len(names)), SEED)
    keys = ("accuracy", "balanced_accuracy", "f1_macro")
    told = [_told(window, name, found.get(name), n) for name in keys]
    return [*told, _log_loss(table, outcomes, classes, window)] if classes else told


def _log_loss(
    table: pa.Table, outcomes: Labels, classes: Sequence[str], window: Window
) -> WindowMetric:
    """Return the log loss over rows with one score a class and an outcome that is a class."""
    place = {name: index for index, name in enumerate(classes)}
    rows = table.column("scores").to_pylist() if "scores" in table.column_names else []
    likely = np.array(
        [
            given[place[true]]
            for given, true in zip(rows, outcomes, strict=False)
            if given is not None and len(given) == len(classes) and true in place
        ]
    )
    if len(likely) < LEAST or not ((likely >= 0) & (likely <= 1)).all():
        return _told(window, "log_loss", None, len(likely))
    return _told(
        window, "log_loss", statistics.mean_t(-np.log(figures.likelihood(likely))), len(likely)
    )


def _regression(table: pa.Table, window: Window) -> list[WindowMetric]:
    truth, guess = numbers(table, "outcome"), numbers(table, "prediction")
    guess = np.where(np.isnan(guess), numbers(table, "score"), guess)
    both = (np.abs(truth) <= LARGEST) & (np.abs(guess) <= LARGEST)
    n = int(both.sum())
    found = figures.of_numbers(truth[both], guess[both]) if n >= LEAST else {}
    return [_told(window, name, found.get(name), n) for name in ("r2", "mae", "rmse")]


def _told(
    window: Window, name: str, estimate: Estimate | None, n: int, floor: float | None = None
) -> WindowMetric:
    metric, where = f"performance.{name}", window.segment
    if estimate is None:
        few = n < LEAST
        status = MeasurementStatus.TOO_FEW if few else MeasurementStatus.NOT_ESTIMABLE
        return WindowMetric(window.start, window.end, metric, None, n, segment=where, status=status)
    return WindowMetric(
        window.start, window.end, metric, estimate.value, estimate.n, segment=where,
        lo=estimate.lo, hi=estimate.hi, floor=floor, method=estimate.method,
    )  # fmt: skip
