"""Distances between two profiles of one binning; the reference comes first.

Notes
-----
All work on shares of the rows that have a value: a column that went missing shows in its share of
missing values, never here. Both profiles need a row with a value.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from services.facts.drift.types import Binning, Bounds, CategoryBinning, NumericBinning, Profile
from services.kernel.error import InsufficientEvidence

FLOOR = 1e-4
TINY = 1e-300


def shares(profile: Profile) -> NDArray[np.float64]:
    """Return the share of each bin, shape (bins,), summing to 1.

    Raises
    ------
    InsufficientEvidence
        When no row has a value.
    """
    return profile.counts / _known(profile)


def _known(profile: Profile) -> int:
    if not profile.n:
        raise InsufficientEvidence("No row of this window has a value of this feature.")
    return profile.n


def ks(binning: NumericBinning, reference: Profile, current: Profile) -> Bounds:
    """Return between what the Kolmogorov-Smirnov distance of the rows themselves certainly lies.

    Notes
    -----
    D = sup |F - G|. At the edges F - G is known. Inside a bin it starts at d_left, ends at d_right,
    rises by at most the reference's share p and falls by at most the current's share q; so it stays
    within [max(d_left - q, d_right - p), min(d_left + p, d_right + q)]. A bin of one value has no
    inside. Smirnov 1948.
    """
    p, q = shares(reference), shares(current)
    right = np.cumsum(p - q)
    left = np.concatenate([[0.0], right[:-1]])
    lo = float(np.abs(right).max())
    inside = ~binning.atoms
    up = np.minimum(left + p, right + q)[inside]
    down = np.maximum(left - q, right - p)[inside]
    hi = max(float(up.max(initial=0.0)), float((-down).max(initial=0.0)), lo)
    return Bounds(min(lo, 1.0), min(hi, 1.0))


def exact_ks(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples, ties included.

    Parameters
    ----------
    reference, current
        Shape (n,) and (m,), both 1 or more, no NaN. For the few windows whose limit lies between
        the certified bounds: see :func:`is_open`.

    Notes
    -----
    sup |F - G| is reached at a value of one of the samples. Smirnov 1948.
    """
    held, now = np.sort(reference), np.sort(current)
    places = np.concatenate([held, now])
    one = np.searchsorted(held, places, side="right") / len(held)
    two = np.searchsorted(now, places, side="right") / len(now)
    return float(np.abs(one - two).max())


def is_open(bounds: Bounds, limit: float) -> bool:
    """Return whether only the rows themselves can tell if a distance exceeds a limit."""
    return bounds.lo <= limit < bounds.hi


def homogeneity(reference: Profile, current: Profile) -> float:
    """Return the p-value of the test that two categories have the same shares.

    Notes
    -----
    Pearson's chi-square over the levels that occur, without correction. Pearson 1900.
    """
    table = np.stack([reference.counts, current.counts]).astype(np.float64)
    table = table[:, table.sum(axis=0) > 0]
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    if table.shape[1] < 2 or not expected.all():
        return 1.0
    return float(special.chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))


def psi(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """Return the population stability index, 0 or more.

    Parameters
    ----------
    p, q
        Shape (k,), shares of the reference and of the current rows; a share below 0.0001 counts as
        that, since an empty bin would make the index infinite.

    Notes
    -----
    sum (q - p) ln(q / p). Siddiqi 2006.
    """
    held, now = np.maximum(p, FLOOR), np.maximum(q, FLOOR)
    return float(((now - held) * np.log(now / held)).sum())


def jensen_shannon(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """Return the Jensen-Shannon distance with logarithms of base 2, in [0, 1].

    Notes
    -----
    sqrt((KL(p, m) + KL(q, m)) / 2) with m the mean of both. Endres and Schindelin 2003.
    """
    middle = (p + q) / 2
    parts = [(each[each > 0] * np.log2(each[each > 0] / middle[each > 0])).sum() for each in (p, q)]
    return float(np.sqrt(max(0.0, sum(parts) / 2)))


def largest_change(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """Return the largest change of a level's share, in [0, 1] (the L-infinity distance)."""
    return float(np.abs(p - q).max())


def wasserstein(binning: NumericBinning, reference: Profile, current: Profile) -> float:
    """Return the first Wasserstein distance in the feature's unit; not finite between endless numbers.

    Notes
    -----
    The integral of |F - G|: within the reference's range by straight lines between the edges; beyond it
    the smaller tail is guessed from the current's extreme, and the larger one follows from the integral
    of F - G, which is the difference of the means. Kantorovich 1942.
    """
    gap = np.cumsum(shares(reference) - shares(current))[:-1]
    with np.errstate(over="ignore", invalid="ignore"):  # the largest numbers lie infinitely apart
        widths, left, right = np.diff(binning.edges), gap[:-1], gap[1:]
        size = np.abs(left) + np.abs(right)
        bent = np.where(left * right < 0, (left**2 + right**2) / np.maximum(size, TINY), size)
        within, signed = (widths * bent).sum() / 2, (widths * (left + right)).sum() / 2
        below = max(0.0, binning.edges[0] - current.smallest) * abs(gap[0]) / 2
        above = max(0.0, current.largest - binning.edges[-1]) * abs(gap[-1]) / 2
        if not current.infinite and (current.counts[0] or current.counts[-1]):
            rest = current.total / current.n - reference.total / reference.n - signed
            if below < above:
                above = max(0.0, below + rest)
            else:
                below = max(0.0, above - rest)
        return float(within + below + above)


def by_tenth(binning: Binning, profile: Profile) -> NDArray[np.float64]:
    """Return the shares by tenth of the reference; of a category, by level."""
    found = shares(profile)
    if isinstance(binning, CategoryBinning):
        return found
    return np.bincount(binning.deciles, weights=found).astype(np.float64)


def new_values(binning: Binning, profile: Profile) -> int | None:
    """Return how many values lie outside the reference's range or levels; None where nobody can tell."""
    if isinstance(binning, NumericBinning):
        return int(profile.counts[0] + profile.counts[-1])
    return int(profile.counts[-1]) if binning.is_complete else None


def new_share(binning: Binning, profile: Profile) -> float | None:
    """Return the share outside the reference's range or levels; None where nobody can tell.

    Raises
    ------
    InsufficientEvidence
        When no row has a value.
    """
    n, found = _known(profile), new_values(binning, profile)
    return None if found is None else found / n


def missing_share(profile: Profile) -> float:
    """Return the share of rows without a value, in [0, 1].

    Raises
    ------
    InsufficientEvidence
        When there are no rows.
    """
    if not profile.rows:
        raise InsufficientEvidence("This window has no rows.")
    return profile.nulls / profile.rows
