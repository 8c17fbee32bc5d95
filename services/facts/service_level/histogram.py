"""How long answers took: a histogram that adds up, and quantiles with their intervals.

Notes
-----
Bins one per cent wide hold any quantile to half a per cent. Histograms of five minutes add up to
those of a day; percentiles of five minutes do not average to that of a day.
"""

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from services.kernel.error import IntegrityBroken

LEVEL = 0.95
BINS = 1_390
RATIO = 1.01
LEAST_MS = 0.1
_FORMAT = b"\x01"


class Quantile(NamedTuple):
    """A quantile in milliseconds and what it lies between; None where the rows do not say."""

    value: float
    lo: float | None
    hi: float | None


@dataclass(frozen=True, eq=False)
class LatencyHistogram:
    """How many answers took how long.

    Attributes
    ----------
    counts
        Shape (1390,). Bin i holds ``0.1 * 1.01^i <= ms < 0.1 * 1.01^(i + 1)``; the first bin holds
        all that is shorter too, the last all from 100.6 seconds on.
    """

    counts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, milliseconds: npt.NDArray[np.float64]) -> "LatencyHistogram":
        """Count latencies, shape (n,), in milliseconds; NaN and negative ones are left out."""
        known = milliseconds[milliseconds >= 0]
        with np.errstate(divide="ignore"):
            places = np.floor(np.log(known / LEAST_MS) / math.log(RATIO))
        inside = np.clip(places, 0, BINS - 1).astype(np.int64)
        return cls(np.bincount(inside, minlength=BINS).astype(np.int64))

    @property
    def n(self) -> int:
        """Return how many answers were counted."""
        return int(self.counts.sum())

    def quantile(self, share: float) -> Quantile:
        """Return the time within which a share of the answers came.

        Parameters
        ----------
        share
            In (0, 1); at least one answer was counted.

        Notes
        -----
        The value is the middle, on the logarithm, of the bin of the ceil(share * n)-th shortest. The
        number of answers within the true quantile is binomial, so that the order statistics at that
        distribution's 2.5 and 97.5 per cent hold it in 95 of 100 samples, whatever the distribution;
        the ends reach to the edges of their bins. Few rows have no upper end: n = 50 has none for
        the 95th percentile. Conover 1999, 3.2.
        """
        n = self.n
        place = self._bin(max(1, math.ceil(share * n)))
        below = int(stats.binom.ppf((1 - LEVEL) / 2, n, share))
        above = int(stats.binom.ppf((1 + LEVEL) / 2, n, share)) + 1
        lo = _edge(self._bin(below)) if below >= 1 else None
        hi = _edge(self._bin(above) + 1) if above <= n else None
        return Quantile(LEAST_MS * RATIO ** (place + 0.5), lo, hi)

    def pack(self) -> bytes:
        """Return the histogram as bytes; :func:`unpack` reads them."""
        return _FORMAT + zlib.compress(self.counts.astype("<i8").tobytes(), 6)

    def _bin(self, rank: int) -> int:
        """Return the bin of the rank-th shortest answer."""
        return int(np.searchsorted(np.cumsum(self.counts), rank))


def _edge(place: int) -> float | None:
    """Return where a bin begins: 0 for the first; None after the last, which has no end."""
    if place >= BINS:
        return None
    return LEAST_MS * RATIO**place if place else 0.0


def merge(histograms: Iterable[LatencyHistogram]) -> LatencyHistogram:
    """Return the histogram of all answers together; of none, an empty one."""
    empty = np.zeros(BINS, dtype=np.int64)
    return LatencyHistogram(sum((each.counts for each in histograms), empty))


def unpack(stored: bytes) -> LatencyHistogram:
    """Return the histogram that was packed.

    Raises
    ------
    IntegrityBroken
        For bytes that no release of this room wrote.
    """
    try:
        counts = np.frombuffer(zlib.decompress(stored[1:]), dtype="<i8").astype(np.int64)
    except (zlib.error, ValueError) as error:
        raise IntegrityBroken("A stored histogram of latencies cannot be read.") from error
    if stored[:1] != _FORMAT or len(counts) != BINS:
        raise IntegrityBroken("A stored histogram of latencies has another form.")
    return LatencyHistogram(counts)
