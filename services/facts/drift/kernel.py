"""One pass over many numbers, compiled: the same counts as the plain way, several times as fast.

Notes
-----
A table of equal cells says between which edges a number lies; the few edges of a cell are searched by
halves. The cell of a number is made by one subtraction and one multiplication, which keep the order of
numbers whatever they round: an edge in a lower cell is smaller, one in a higher cell is larger. So the
bin is the one that a search through all edges finds, for heavy tails and infinities too.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from services.facts.drift.types import NumericBinning, Profile

CELLS = 4_096
_TAIL = 100  # one edge in a hundred on each side may lie beyond the cells


class Cells(NamedTuple):
    """Where the edges lie by cell: those of cell c are ``edges[table[c]:table[c + 1]]``."""

    table: NDArray[np.int64]
    start: float
    scale: float


@lru_cache(maxsize=1_024)
def cells(binning: NumericBinning) -> Cells:
    """Return the cells of some bins; made once."""
    edges, skip = binning.edges, len(binning.edges) // _TAIL
    start, end = float(edges[skip]), float(edges[-1 - skip])
    width = end - start if np.isfinite(end - start) else 0.0
    scale = CELLS / width if width > CELLS * np.finfo(np.float64).tiny else 0.0
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # endless width times no scale: the first cell
        place = (edges - start) * scale
    own = np.where(place > 0, np.minimum(place, CELLS - 1), 0).astype(np.int64)
    return Cells(np.searchsorted(own, np.arange(CELLS + 1)), start, scale)


def _tally(
    values: Any, edges: Any, table: Any, start: float, scale: float, counts: Any
) -> tuple[int, int, float, float, float, float]:
    nulls, infinite, total, squares = 0, 0, 0.0, 0.0
    smallest, largest = np.inf, -np.inf
    for x in values:
        if np.isnan(x):
            nulls += 1
            continue
        place = (x - start) * scale
        cell = int(min(place, CELLS - 1)) if place > 0 else 0
        low, high = table[cell], table[cell + 1]
        while low < high:
            middle = (low + high) // 2
            if edges[middle] <= x:
                low = middle + 1
            else:
                high = middle
        counts[low] += 1
        if np.isinf(x):
            infinite += 1
            continue
        total += x
        squares += x * x
        smallest, largest = min(smallest, x), max(largest, x)
    return nulls, infinite, total, squares, smallest, largest


_NUMBERS = numba.types.Array(numba.float64, 1, "C", readonly=True)
_PLACES = numba.types.Array(numba.int64, 1, "C", readonly=True)
_SIGNATURE = (_NUMBERS, _NUMBERS, _PLACES, numba.float64, numba.float64, numba.int64[::1])
_compiled: Any = numba.njit(_SIGNATURE, cache=True, nogil=True)(_tally)


def profile(values: NDArray[np.float64], invalid: int, binning: NumericBinning) -> Profile:
    """Return the profile of many numbers.

    Parameters
    ----------
    values
        (n,) NaN where there is no number.
    invalid
        How many of the NaN stand for values that are no numbers.
    """
    counts = np.zeros(binning.bins, dtype=np.int64)
    found = _compiled(np.ascontiguousarray(values), binning.edges, *cells(binning), counts)
    missing, infinite, total, squares, smallest, largest = found
    return Profile(counts, missing - invalid, invalid, infinite, total, squares, smallest, largest)
