"""Two areas under the ROC curve on the same rows.

Notes
-----
DeLong, DeLong and Clarke-Pearson 1988; placements by midranks, in the time of a sort (Sun and Xu 2014).
"""

from typing import NamedTuple

import numpy as np
from scipy import special, stats

from services.facts.performance.statistics import Floats, Truths


class Placements(NamedTuple):
    """Where each positive stands among the negatives, and each negative among the positives.

    Attributes
    ----------
    positives
        (m,) share of the negatives scored below; ties count half.
    negatives
        (n,) share of the positives scored above.
    """

    positives: Floats
    negatives: Floats

    @property
    def area(self) -> float:
        """Return the area under the curve."""
        return float(self.positives.mean())


class Difference(NamedTuple):
    """One area minus another, its standard error, and one-sided p of no difference or a smaller one."""

    value: float
    error: float
    p: float


def placements(truth: Truths, scores: Floats) -> Placements:
    """Return the structural components of an area.

    Parameters
    ----------
    truth
        (n,) True where the outcome is positive; both occur.
    scores
        (n,) larger is more positive.
    """
    positive, negative = scores[truth], scores[~truth]
    m, n = len(positive), len(negative)
    ranks = stats.rankdata(np.concatenate([positive, negative]))
    return Placements(
        (ranks[:m] - stats.rankdata(positive)) / n,
        1.0 - (ranks[m:] - stats.rankdata(negative)) / m,
    )


def difference(one: Placements, other: Placements) -> Difference:
    """Return by how much one area is larger than another on the same rows.

    Notes
    -----
    Where all placements move by the same amount there is no variance to divide by: then each of
    min(m, n) independent pairs speaks for the same side, and p is that of so many heads in a row.
    """
    up, down = one.positives - other.positives, one.negatives - other.negatives
    value = float(up.mean())
    m, n = len(up), len(down)
    variance = (up.var(ddof=1) / m if m > 1 else 0.0) + (down.var(ddof=1) / n if n > 1 else 0.0)
    error = float(np.sqrt(variance))
    if error > 0:
        return Difference(value, error, float(special.ndtr(-value / error)))
    return Difference(value, 0.0, 0.5 ** min(m, n) if value > 0 else 1.0)


def quantile(level: float) -> float:
    """Return how many standard errors a one-sided level is away."""
    return float(special.ndtri(level))
