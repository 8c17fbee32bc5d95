"""From truths and answers to figures: the same formulas for an evaluation set and for production."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.facts.performance import statistics
from services.facts.performance.statistics import Estimate, Floats, Truths

TINY = 1e-15
Figures = dict[str, Estimate | None]


class Confusion(NamedTuple):
    """Rows by decision and truth."""

    tp: int
    fp: int
    fn: int
    tn: int


def confusion(truth: Truths, said: Truths) -> Confusion:
    """Count decisions, shape (n,), against truths, shape (n,); True is the positive class."""
    return Confusion(
        int((said & truth).sum()),
        int((said & ~truth).sum()),
        int((~said & truth).sum()),
        int((~said & ~truth).sum()),
    )


def of_decisions(table: Confusion) -> Figures:
    """Return the figures of a binary decision; None where a denominator is 0."""
    tp, fp, fn, tn = table
    return {
        "accuracy": statistics.wilson(tp + tn, sum(table)),
        "precision": statistics.wilson(tp, tp + fp) if tp + fp else None,
        "recall": statistics.wilson(tp, tp + fn) if tp + fn else None,
        "f1": statistics.f_score(tp, fp, fn, tn),
    }


def of_probabilities(truth: Truths, scores: Floats) -> Figures:
    """Return the figures of a probability of the positive class, shapes (n,), n 2 or more."""
    likely = likelihood(np.where(truth, scores, 1 - scores))
    return {
        "brier": statistics.mean_t((scores - truth) ** 2),
        "log_loss": statistics.mean_t(-np.log(likely)),
    }


def likelihood(probabilities: Floats) -> Floats:
    """Return probabilities of what was true, none so small that its logarithm is infinite."""
    return np.clip(probabilities, TINY, 1.0)


def confusion_matrix(
    true: npt.NDArray[np.int64], said: npt.NDArray[np.int64], k: int
) -> npt.NDArray[np.int64]:
    """Count rows by true class, shape (k, k), and by predicted class in each row."""
    return np.bincount(true * k + said, minlength=k * k).reshape(k, k)


def of_classes(matrix: npt.NDArray[np.int64], seed: int) -> Figures:
    """Return the figures of a choice among several classes.

    Parameters
    ----------
    matrix
        (k, k) rows by true class, columns by predicted class.
    """
    counts = matrix.sum(axis=1)
    present = counts > 0
    return {
        "accuracy": statistics.wilson(int(np.trace(matrix)), int(matrix.sum())),
        "balanced_accuracy": statistics.balanced_accuracy(
            np.diagonal(matrix)[present], counts[present]
        ),
        "f1_macro": statistics.macro_f1(matrix, seed),
    }


def of_numbers(truth: Floats, guess: Floats) -> Figures:
    """Return the figures of a regression, shapes (n,), in the unit of the target."""
    return {
        "r2": statistics.r_squared(truth, guess),
        "mae": statistics.mean_t(np.abs(truth - guess)),
        "rmse": statistics.root_mean_square(truth - guess),
    }
