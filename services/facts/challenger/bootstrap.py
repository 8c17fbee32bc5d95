"""A paired bootstrap: both models on the same rows drawn again.

Notes
-----
Rows that add the same to both models are one cell. Few cells are drawn as one multinomial table, which
is the row bootstrap exactly; many rows are each drawn a Poisson(1) number of times (Hanley and MacGibbon
2006; Chamandy et al. 2012). From :data:`ROWS` rows on, rows are put into so many blocks at random and blocks are
drawn: sums of blocks vary as sums of rows do.
"""

import math
from typing import NamedTuple

import numpy as np

from services.facts.challenger.figures import RowSums
from services.facts.performance.statistics import Floats

DRAWS, MOST_DRAWS = 2_000, 50_000
CELLS, ROWS = 512, 20_000
BATCH = 4_000_000
"""Numbers that are drawn at once, to bound the memory."""


class Drawn(NamedTuple):
    """What a bootstrap says of a gain; see :class:`services.facts.challenger.types.Gain`."""

    value: float
    lo: float
    hi: float
    p: float
    draws: int
    method: str


def draws_for(alpha: float) -> int:
    """Return how many draws tell a tail of ``alpha``: ten of them lie in it."""
    return min(MOST_DRAWS, max(DRAWS, math.ceil(10 / alpha)))


def gain(challenger: RowSums, champion: RowSums, sign: float, alpha: float, seed: int) -> Drawn:
    """Return by how much a challenger is better.

    Parameters
    ----------
    sign
        1 where higher is better, -1 where lower is.
    alpha
        One-sided; the interval is two-sided at ``1 - 2 alpha``.
    seed
        Of ``numpy.random.default_rng``.

    Notes
    -----
    The p-value counts draws without a gain, the value itself as one more (Davison and Hinkley 1997,
    4.11), and the lower end is the draw at the same rank: it is above 0 exactly when p is at most alpha.
    Draws in which a figure has no meaning speak against the challenger.
    """
    value = sign * (challenger.value - champion.value)
    draws = draws_for(alpha)
    columns = np.hstack([challenger.columns, champion.columns])
    sums, method = _resampled(columns, draws, seed)
    width = challenger.columns.shape[1]
    found = sign * (challenger.figure(sums[:, :width]) - champion.figure(sums[:, width:]))
    ordered = np.sort(np.where(np.isnan(found), -np.inf, found))
    rank = max(1, math.floor(alpha * (draws + 1)))
    lo, hi = float(ordered[rank - 1]), float(ordered[draws - rank])
    p = (1 + int((ordered <= 0).sum())) / (draws + 1)
    return Drawn(value, min(lo, value), max(hi, value), min(1.0, p), draws, method)


def _resampled(columns: Floats, draws: int, seed: int) -> tuple[Floats, str]:
    """Return (draws, c) sums over rows drawn again, and how they were drawn."""
    generator = np.random.default_rng(seed)
    n = len(columns)
    if len(np.unique(columns[: 2 * CELLS], axis=0)) <= CELLS:
        cells, counts = np.unique(columns, axis=0, return_counts=True)
        if len(cells) <= CELLS:
            drawn = generator.multinomial(n, counts / n, size=draws)
            return drawn @ cells, "paired bootstrap, multinomial"
    if n > ROWS:
        order = generator.permutation(n)
        starts = np.arange(ROWS) * n // ROWS
        columns = np.add.reduceat(columns[order], starts, axis=0)
    sums = np.empty((draws, columns.shape[1]))
    step = max(1, BATCH // len(columns))
    for start in range(0, draws, step):
        size = (min(step, draws - start), len(columns))
        sums[start : start + step] = generator.poisson(1.0, size) @ columns
    method = "paired bootstrap, Poisson"
    return sums, method + (f" over {ROWS:,} blocks" if n > ROWS else "")
