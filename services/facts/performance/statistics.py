"""Estimates with intervals: every method here keeps its promise of 95 in 100 (tests simulate it).

Notes
-----
All intervals are two-sided at :data:`LEVEL`. Where a method has a name, its source stands beside it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

LEVEL = 0.95
DRAWS = 2000
LEAST_SPREAD = 1e-70
Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval and the method that gave it.

    Attributes
    ----------
    lo, hi
        None where the data allow none.
    n
        Rows it rests on.
    """

    value: float
    lo: float | None
    hi: float | None
    n: int
    method: str


def _z() -> float:
    return float(stats.norm.ppf(0.5 + LEVEL / 2))


def wilson(hits: int, n: int) -> Estimate:
    """Return a share with Wilson's score interval (Wilson 1927).

    Parameters
    ----------
    hits, n
        Counts; ``n`` is 1 or more.
    """
    z, p = _z(), hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    lo, hi = max(0.0, float(centre - half)), min(1.0, float(centre + half))
    return Estimate(p, min(lo, p), max(hi, p), n, "wilson")


def mean_t(values: Floats) -> Estimate:
    """Return a mean with Student's interval (Student 1908).

    Parameters
    ----------
    values
        (n,) one number a row, no NaN; n is 2 or more.
    """
    n, mean = len(values), float(values.mean())
    half = float(stats.t.ppf(0.5 + LEVEL / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return Estimate(mean, mean - half, mean + half, n, "t")


def root_mean_square(errors: Floats) -> Estimate:
    """Return the root of a mean square, its interval by the delta method on the logarithm.

    Parameters
    ----------
    errors
        (n,) in the unit of the target.
    """
    squares = errors**2
    n, mean = len(squares), float(squares.mean())
    root = float(np.sqrt(mean))
    if mean == 0.0:
        return Estimate(0.0, 0.0, 0.0, n, "delta-log")
    spread = float(
        stats.t.ppf(0.5 + LEVEL / 2, n - 1) * squares.std(ddof=1) / np.sqrt(n) / mean / 2
    )
    return Estimate(
        root, root * float(np.exp(-spread)), root * float(np.exp(spread)), n, "delta-log"
    )


def auc_delong(truth: Truths, scores: Floats) -> Estimate:
    """Return the area under the ROC curve with DeLong's variance on the logit.

    Parameters
    ----------
    truth
        (n,) True where the outcome is positive; both occur.
    scores
        (n,) larger is more positive; ties count half.

    Notes
    -----
    DeLong, DeLong and Clarke-Pearson 1988, by midranks (Sun and Xu 2014). The interval is made on
    the logit so that it stays in [0, 1]; with a perfect separation it has no width to tell and the
    exact bound of an all-concordant sample stands in: (1 - level) / 2 to the power 1 / min(m, n).
    """
    positive, negative = scores[truth], scores[~truth]
    m, n = len(positive), len(negative)
    ranks = stats.rankdata(np.concatenate([positive, negative]))
    area = float((ranks[:m].sum() - m * (m + 1) / 2) / (m * n))
    v10 = (ranks[:m] - stats.rankdata(positive)) / n
    v01 = 1.0 - (ranks[m:] - stats.rankdata(negative)) / m
    variance = (v10.var(ddof=1) / m if m > 1 else 0.0) + (v01.var(ddof=1) / n if n > 1 else 0.0)
    if area in (0.0, 1.0) or variance <= 0.0:
        bound = ((1 - LEVEL) / 2) ** (1 / max(1, min(m, n)))
        lo, hi = (bound, 1.0) if area >= 0.5 else (0.0, 1.0 - bound)
        return Estimate(area, min(lo, area), max(hi, area), m + n, "delong-logit")
    half = _z() * float(np.sqrt(variance)) / (area * (1 - area))
    logit = special.logit(area)
    lo, hi = special.expit(logit - half), special.expit(logit + half)
    return Estimate(area, float(lo), float(hi), m + n, "delong-logit")


def f_score(tp: int, fp: int, fn: int, tn: int) -> Estimate | None:
    """Return the F1 score with the delta method on the logit; None when it has no meaning.

    Notes
    -----
    F1 = 2 tp / (2 tp + fp + fn) is a function of the share tp / (tp + fp + fn) = p, F1 = 2p / (1 + p);
    Wilson's interval of p is carried over (the function is monotone).
    """
    if tp + fp + fn == 0:
        return None
    share = wilson(tp, tp + fp + fn)
    lo, hi = share.lo or 0.0, share.hi or 0.0
    value = 2 * share.value / (1 + share.value)
    return Estimate(
        value, 2 * lo / (1 + lo), 2 * hi / (1 + hi), tp + fp + fn + tn, "wilson-jaccard"
    )


def balanced_accuracy(hits: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Estimate:
    """Return the mean of recalls, its variance by class with one half added to each cell.

    Parameters
    ----------
    hits, counts
        (k,) rows predicted right and rows in all, by class; counts are 1 or more.
    """
    recalls = hits / counts
    smooth = (hits + 0.5) / (counts + 1.0)
    error = float(np.sqrt((smooth * (1 - smooth) / counts).sum())) / len(counts)
    value = float(recalls.mean())
    half = _z() * error
    return Estimate(
        value,
        max(0.0, value - half),
        min(1.0, value + half),
        int(counts.sum()),
        "stratified-normal",
    )


def macro_f1(confusion: npt.NDArray[np.int64], seed: int) -> Estimate:
    """Return the mean F1 of the classes, its interval by drawing confusion tables again.

    Parameters
    ----------
    confusion
        (k, k) rows by true class, columns by predicted class.
    seed
        Of the draws (multinomial, which is the row bootstrap exactly).
    """
    n, k = int(confusion.sum()), confusion.shape[0]
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(n, confusion.ravel() / n, size=DRAWS).reshape(DRAWS, k, k)
    value = float(_macro_f1(confusion[None])[0])
    spread = float(_macro_f1(drawn).std(ddof=1))
    half = _z() * spread
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), n, "bootstrap-normal")


def _macro_f1(tables: npt.NDArray[np.int64]) -> Floats:
    """Return the mean F1 of the classes that occur as truth or answer, as scikit-learn does."""
    hits = np.diagonal(tables, axis1=1, axis2=2).astype(float)
    total = tables.sum(axis=1) + tables.sum(axis=2)
    each = np.divide(2 * hits, total, out=np.zeros_like(hits), where=total > 0)
    return each.sum(axis=1) / (total > 0).sum(axis=1)


def r_squared(truth: Floats, guess: Floats) -> Estimate | None:
    """Return R squared, its interval by the delta method on log(1 - R squared).

    Parameters
    ----------
    truth, guess
        (n,) in the unit of the target.

    Returns
    -------
    Estimate or None
        None when the truth does not vary, or by less than can be squared. A perfect guess is 1 and
        has no interval: the logarithm of 1 - 1 has none.

    Notes
    -----
    1 - R2 is a ratio of means, of (y - f)^2 to (y - mean y)^2; the variance of its logarithm is that
    of the difference of both terms over their means (Casella and Berger 2002, 5.5.4).
    """
    if np.ptp(truth) < LEAST_SPREAD:
        return None
    residual, total = (truth - guess) ** 2, (truth - truth.mean()) ** 2
    if residual.mean() == 0.0:
        return Estimate(1.0, None, None, len(truth), "exact")
    ratio = float(residual.mean() / total.mean())
    influence = residual / residual.mean() - total / total.mean()
    n = len(truth)
    half = float(stats.t.ppf(0.5 + LEVEL / 2, n - 1) * influence.std(ddof=1) / np.sqrt(n))
    lo, hi = 1 - ratio * float(np.exp(half)), 1 - ratio * float(np.exp(-half))
    return Estimate(1 - ratio, lo, hi, n, "delta-log")
