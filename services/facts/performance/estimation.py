"""Performance before outcomes arrive, from scores alone; and by how much it was promised too high.

Notes
-----
Confidence-based performance estimation (NannyML 2021): a calibrated score is the chance of a positive,
so the expected table of right and wrong answers is a sum of chances. It sees what moved inputs do to a
model and is blind to a changed relation of inputs and outcome: there it goes on promising. That is why
the promise minus what outcomes showed, over the same rows, is the signal of concept drift.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from services.facts.evidence.types import MeasurementStatus
from services.facts.performance.scores import BINS, ScoreProfile
from services.facts.performance.statistics import LEVEL, Floats
from services.facts.window.types import WindowMetric
from services.kernel.error import InsufficientEvidence

SIGMAS = 4.0
"""A gap beyond so many standard errors is concept drift: by chance one window in thirty thousand."""
ESTIMATED, METHOD = "performance.estimated", "confidence-based, isotonic calibration"
Number = Callable[..., WindowMetric]


@dataclass(frozen=True, eq=False)
class Calibration:
    """The chance of a positive by score, learned from labelled rows.

    Attributes
    ----------
    chances
        Shape (BINS,), rising.
    rows
        How many labelled rows it was learned from.
    """

    chances: Floats
    rows: int


class Estimated(NamedTuple):
    """What scores promise; ``error`` is the standard error of the accuracy, None where undefined."""

    accuracy: float
    f1: float | None
    auc: float | None
    error: float
    n: int


class Gap(NamedTuple):
    """Promised minus realised accuracy over rows with an outcome, and its standard error."""

    value: float
    error: float
    n: int
    promised: float
    realised: float

    @property
    def sigmas(self) -> float:
        """Return the gap in standard errors; 0 where there is no gap."""
        return self.value / self.error if self.error else 0.0


def calibrate(reference: ScoreProfile) -> Calibration:
    """Learn the chance of a positive by score.

    Raises
    ------
    InsufficientEvidence
        When fewer than two rows have an outcome, or all have the same.

    Notes
    -----
    Isotonic regression of the share of positives on the score's bin (Zadrozny and Elkan 2002); between
    bins that the reference had, by the straight line.
    """
    known, positives = reference.labelled.sum(axis=0), reference.positives.sum(axis=0)
    rows, hits = int(known.sum()), int(positives.sum())
    if not 0 < hits < rows:
        raise InsufficientEvidence("The reference has no two outcomes to learn chances from.")
    had = np.flatnonzero(known)
    fitted = optimize.isotonic_regression(positives[had] / known[had], weights=known[had])
    return Calibration(np.interp(np.arange(BINS), had, fitted.x), rows)


def estimate(calibration: Calibration, profile: ScoreProfile) -> Estimated:
    """Return what the scores of a window promise.

    Raises
    ------
    InsufficientEvidence
        When no row has a score.
    """
    n, chances = profile.n, calibration.chances
    if not n:
        raise InsufficientEvidence("No row of this window has a score.")
    negative, positive = profile.counts
    hits = float(positive @ chances)
    right = hits + float(negative @ (1 - chances))
    twice = 2 * hits + n - right
    return Estimated(
        right / n,
        2 * hits / twice if twice else None,
        _area(negative + positive, chances),
        _error(calibration, profile.counts),
        n,
    )


def gap(calibration: Calibration, profile: ScoreProfile) -> Gap:
    """Return promised minus realised accuracy over the rows whose outcome is known.

    Raises
    ------
    InsufficientEvidence
        When no outcome is known.
    """
    n = profile.known
    if not n:
        raise InsufficientEvidence("No outcome of this window is known.")
    (negative, positive), (missed, hit) = profile.labelled, profile.positives
    chances = calibration.chances
    promised = float(positive @ chances + negative @ (1 - chances)) / n
    realised = float(hit.sum() + negative.sum() - missed.sum()) / n
    error = _error(calibration, profile.labelled)
    return Gap(promised - realised, error, n, promised, realised)


def _error(calibration: Calibration, counts: NDArray[np.int64]) -> float:
    """Return the standard error of promised minus realised accuracy.

    Notes
    -----
    Every row is a coin of its own chance c: the variance of a window is the mean of c (1 - c) over n;
    that of the chances themselves is the same over the rows they were learned from.
    """
    chances, n = calibration.chances, int(counts.sum())
    variance = float(counts.sum(axis=0) @ (chances * (1 - chances))) / n
    return float(np.sqrt(variance * (1 / n + 1 / calibration.rows)))


def _area(counts: NDArray[np.int64], chances: Floats) -> float | None:
    """Return the expected area under the ROC curve; rows of one bin count half against each other."""
    positives, negatives = counts * chances, counts * (1 - chances)
    pairs = positives.sum() * negatives.sum()
    if pairs <= 0:
        return None
    below = np.cumsum(negatives) - negatives
    return float((positives * (below + negatives / 2)).sum() / pairs)


def promises(
    calibration: Calibration, profile: ScoreProfile, *, start: datetime, end: datetime,
    min_n: int, segment: str = "", names: Sequence[str] = ("accuracy", "f1", "auc"),
) -> list[WindowMetric]:  # fmt: skip
    """Return the estimates and the gap of a window, as they are filed.

    Parameters
    ----------
    start, end
        The window, half open.
    min_n
        With fewer rows a number is not told: its status is *too few* and its value None.
    names
        What is estimated; of more than two classes the accuracy alone, from :mod:`confidence`.

    Notes
    -----
    The interval of an estimated accuracy is where the realised one lies in 95 of 100 windows while the
    calibration holds. The gap's method names its standard errors; beyond :data:`SIGMAS` it is no chance.
    """
    number: Number = partial(WindowMetric, start, end, segment=segment)
    estimates = _estimates(number, calibration, profile, max(1, min_n))
    wanted = {f"{ESTIMATED}_{name}" for name in names}
    return [
        *(each for each in estimates if each.metric in wanted),
        _gap(number, calibration, profile, max(1, min_n)),
    ]


def _estimates(
    number: Number, calibration: Calibration, profile: ScoreProfile, min_n: int
) -> Iterator[WindowMetric]:
    if profile.n < min_n:
        for name in ("accuracy", "f1", "auc"):
            yield number(f"{ESTIMATED}_{name}", None, profile.n, status=MeasurementStatus.TOO_FEW)
        return
    found = estimate(calibration, profile)
    half = _z(0.5 + LEVEL / 2) * found.error
    lo, hi = max(0.0, found.accuracy - half), min(1.0, found.accuracy + half)
    yield number(f"{ESTIMATED}_accuracy", found.accuracy, found.n, lo=lo, hi=hi, method=METHOD)
    for name, value in (("f1", found.f1), ("auc", found.auc)):
        status = MeasurementStatus.NOT_ESTIMABLE if value is None else MeasurementStatus.OK
        yield number(f"{ESTIMATED}_{name}", value, found.n, status=status, method=METHOD)


def _gap(
    number: Number, calibration: Calibration, profile: ScoreProfile, min_n: int
) -> WindowMetric:
    name = "performance.accuracy_gap"
    if profile.known < min_n:
        return number(name, None, profile.known, status=MeasurementStatus.TOO_FEW)
    value, error, n, *_ = found = gap(calibration, profile)
    half, floor = _z(0.5 + LEVEL / 2) * error, _z(LEVEL) * error
    method = f"{found.sigmas:.1f} standard errors"
    return number(
        name, value, n, lo=value - half, hi=value + half, floor=floor, method=method,
        coverage=n / profile.n,
    )  # fmt: skip


def _z(level: float) -> float:
    return float(special.ndtri(level))
