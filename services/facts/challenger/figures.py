"""Figures as functions of sums over rows, so that rows can be drawn again without looking at them twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.facts.challenger.types import Side
from services.facts.performance.evaluation import EvaluationSet
from services.facts.performance.figures import likelihood
from services.facts.performance.statistics import Floats

USUAL = {
    "classification": "performance.auc",
    "multiclass": "performance.accuracy",
    "regression": "performance.r2",
}
"""The metric that decides where a policy names none."""
Figure = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class RowSums:
    """A figure as a function of sums.

    Attributes
    ----------
    columns
        (n, c) what each row adds.
    figure
        From (b, c) sums to (b,) values; NaN where a denominator is 0.
    """

    columns: Floats
    figure: Figure

    @property
    def value(self) -> float:
        """Return the figure of all rows."""
        return float(self.figure(self.columns.sum(axis=0)[None])[0])


def names(task: str) -> tuple[str, ...]:
    """Return the metrics that can be compared for a task; those of scores come first."""
    return {
        "classification": ("performance.auc", *_BINARY),
        "multiclass": tuple(_CLASSES),
        "regression": tuple(_NUMBERS),
    }[task]


def row_sums(metric: str, holdout: EvaluationSet, side: Side, threshold: float) -> RowSums:
    """Return a figure of one side as sums over the holdout's rows.

    Parameters
    ----------
    metric
        One of :func:`names` but the AUC, which is no function of sums.
    """
    truth = holdout.rows[holdout.target]
    if holdout.task == "regression":
        numbers = truth.to_numpy(dtype=np.float64)
        guess = side.outputs.astype(np.float64).reshape(-1)
        return RowSums(*_NUMBERS[metric](numbers, guess))
    place = {each: index for index, each in enumerate(side.classes)}
    true = np.array([place[each] for each in truth.to_numpy()])
    if holdout.task == "classification":
        score = side.outputs[:, 1].astype(np.float64)
        return RowSums(*_BINARY[metric](true == 1, score, score >= threshold))
    return RowSums(*_CLASSES[metric](true, side.outputs, len(side.classes)))


def _share(sums: Floats) -> Floats:
    return sums[:, 0] / sums[:, 1]


def _root(sums: Floats) -> Floats:
    return np.sqrt(sums[:, 0] / sums[:, 1])


def _mean_of(values: Any) -> tuple[Floats, Figure]:
    each = np.asarray(values, dtype=np.float64)
    return np.column_stack([each, np.ones(len(each))]), _share


def _ratio_of(above: Any, below: Any) -> tuple[Floats, Figure]:
    return np.column_stack([above, below]).astype(np.float64), _ratio


def _ratio(sums: Floats) -> Floats:
    nothing = np.full(len(sums), np.nan)
    return np.divide(sums[:, 0], sums[:, 1], out=nothing, where=sums[:, 1] > 0)


_BINARY: Mapping[str, Callable[[Any, Any, Any], tuple[Floats, Figure]]] = {
    "performance.accuracy": lambda truth, _, said: _mean_of(truth == said),
    "performance.precision": lambda truth, _, said: _ratio_of(truth & said, said),
    "performance.recall": lambda truth, _, said: _ratio_of(truth & said, truth),
    "performance.f1": lambda truth, _, said: _ratio_of(2 * (truth & said), 1 * truth + said),
    "performance.brier": lambda truth, score, _: _mean_of((score - truth) ** 2),
    "performance.log_loss": lambda truth, score, _: _mean_of(
        -np.log(likelihood(np.where(truth, score, 1 - score)))
    ),
}


def _of_classes(true: Any, outputs: Any, k: int) -> tuple[Floats, Floats, Floats]:
    said = outputs.argmax(axis=1)
    each = np.arange(k)
    is_true, is_said = (true[:, None] == each) * 1.0, (said[:, None] == each) * 1.0
    return is_true * is_said, is_true, is_said


def _balanced(true: Any, outputs: Any, k: int) -> tuple[Floats, Figure]:
    hits, is_true, _ = _of_classes(true, outputs, k)

    def figure(sums: Floats) -> Floats:
        had, of = sums[:, :k], sums[:, k:]
        recalls = np.divide(had, of, out=np.zeros_like(had), where=of > 0)
        return recalls.sum(axis=1) / (of > 0).sum(axis=1)

    return np.hstack([hits, is_true]), figure


def _macro(true: Any, outputs: Any, k: int) -> tuple[Floats, Figure]:
    hits, is_true, is_said = _of_classes(true, outputs, k)

    def figure(sums: Floats) -> Floats:
        had, of = 2 * sums[:, :k], sums[:, k:]
        f1 = np.divide(had, of, out=np.zeros_like(had), where=of > 0)
        return f1.sum(axis=1) / (of > 0).sum(axis=1)

    return np.hstack([hits, is_true + is_said]), figure


_CLASSES: Mapping[str, Callable[[Any, Any, int], tuple[Floats, Figure]]] = {
    "performance.accuracy": lambda true, outputs, _: _mean_of(outputs.argmax(axis=1) == true),
    "performance.balanced_accuracy": _balanced,
    "performance.f1_macro": _macro,
    "performance.log_loss": lambda true, outputs, _: _mean_of(
        -np.log(likelihood(outputs[np.arange(len(true)), true]))
    ),
}


def _explained(truth: Floats, guess: Floats) -> tuple[Floats, Figure]:
    middle = truth - truth.mean()
    columns = np.column_stack([(truth - guess) ** 2, middle, middle**2, np.ones(len(truth))])

    def figure(sums: Floats) -> Floats:
        total = sums[:, 2] - sums[:, 1] ** 2 / sums[:, 3]
        nothing = np.full(len(sums), np.nan)
        return 1 - np.divide(sums[:, 0], total, out=nothing, where=total > 0)

    return columns, figure


def _squared(truth: Floats, guess: Floats) -> tuple[Floats, Figure]:
    return _mean_of((truth - guess) ** 2)[0], _root


_NUMBERS: Mapping[str, Callable[[Floats, Floats], tuple[Floats, Figure]]] = {
    "performance.r2": _explained,
    "performance.rmse": _squared,
    "performance.mae": lambda truth, guess: _mean_of(np.abs(truth - guess)),
}
