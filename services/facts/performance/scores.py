"""What a window holds of a model's scores: counts that add up, from which performance is estimated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.facts.performance.statistics import Floats, Truths

BINS = 1_000


@dataclass(frozen=True, eq=False)
class ScoreProfile:
    """What one window holds of a model's scores; two add up.

    Attributes
    ----------
    counts
        Shape (2, BINS), answered rows: the first row of those said to be negative, the second of
        those said to be positive; by thousandth of the score.
    labelled, positives
        Shape (2, BINS), of these the rows whose outcome is known, and is positive.
    unusable
        Rows whose score is missing or no chance, outside [0, 1].
    """

    counts: NDArray[np.int64]
    labelled: NDArray[np.int64]
    positives: NDArray[np.int64]
    unusable: int = 0

    @property
    def n(self) -> int:
        """Return how many rows have a score."""
        return int(self.counts.sum())

    @property
    def known(self) -> int:
        """Return of how many of them the outcome is known."""
        return int(self.labelled.sum())


def score_profile(scores: Floats, positive: Truths, outcomes: Floats | None = None) -> ScoreProfile:
    """Return the profile of rows.

    Parameters
    ----------
    scores
        (n,) chance of a positive as the model says it; NaN where there is none.
    positive
        (n,) whether the answer was positive. It need not be the score's: of one in fifty rows of
        NannyML's example it is not.
    outcomes
        (n,) 1 positive, 0 negative, NaN unknown; None: all unknown.
    """
    usable = (scores >= 0) & (scores <= 1)  # NaN is neither
    places = np.minimum((scores[usable] * BINS).astype(np.int64), BINS - 1)
    places += BINS * positive[usable]
    truth = np.full(len(places), np.nan) if outcomes is None else outcomes[usable]
    counts, labelled, positives = (
        np.bincount(places[rows], minlength=2 * BINS).reshape(2, BINS)
        for rows in (np.s_[:], ~np.isnan(truth), truth == 1)
    )
    return ScoreProfile(counts, labelled, positives, len(scores) - len(places))


def merge_scores(profiles: Sequence[ScoreProfile]) -> ScoreProfile:
    """Return the profile of all rows together; of none, an empty one."""
    nothing = np.zeros((2, BINS), dtype=np.int64)
    return ScoreProfile(
        sum((each.counts for each in profiles), nothing),
        sum((each.labelled for each in profiles), nothing),
        sum((each.positives for each in profiles), nothing),
        sum(each.unusable for each in profiles),
    )
