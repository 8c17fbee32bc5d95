"""How far probabilities are from frequencies, and how far chance alone takes them."""

import numpy as np
import numpy.typing as npt

from services.facts.performance.statistics import Estimate, Floats, Truths

BINS = 10
DRAWS = 5_000


def calibration_error(truth: Truths, scores: Floats) -> Estimate:
    """Return the expected calibration error over ten bins of equal counts; 0 is perfect.

    Parameters
    ----------
    truth
        (n,) True where the outcome is positive; n is 10 or more.
    scores
        (n,) probabilities of the positive class.

    Notes
    -----
    The mean over bins of |mean score - share of positives|, weighted by their rows. Naeini, Cooper and
    Hauskrecht 2015. It is never negative, so that noise alone makes it larger than 0 and an interval
    around it would mislead: :func:`noise` says how large.
    """
    order = np.argsort(scores, kind="stable")
    gaps = np.add.reduceat(truth[order] - scores[order], _starts(len(scores)))
    value = float(np.abs(gaps).sum() / len(scores))
    return Estimate(value, None, None, len(scores), "equal-count-10")


def noise(scores: Floats, seed: int) -> float:
    """Return the error that perfectly calibrated scores stay under in 19 of 20 samples.

    Parameters
    ----------
    scores
        (n,) probabilities of the positive class.
    seed
        Of the draws.

    Notes
    -----
    Were the scores right, the gap of each bin would be a sum of independent errors of mean 0 and
    variance p (1 - p); it is drawn as a normal one.
    """
    ordered = np.sort(scores)
    spread = np.sqrt(np.add.reduceat(ordered * (1 - ordered), _starts(len(scores))))
    drawn = np.random.default_rng(seed).standard_normal((DRAWS, BINS)) * spread
    return float(np.quantile(np.abs(drawn).sum(axis=1) / len(scores), 0.95))


def _starts(n: int) -> npt.NDArray[np.int64]:
    """Return at which of n ordered rows each bin begins."""
    return np.arange(BINS) * n // BINS
