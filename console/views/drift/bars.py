"""Two profiles of one feature as shares over the same bars, few enough to be looked at.

Notes
-----
A profile has a thousand bins at the quantiles of the reference; a picture needs some forty bars of
equal width. Within a bin rows are taken to lie evenly, so a bar is right to a thousandth.
"""

import numpy as np
from numpy.typing import NDArray

from console.figures.shapes import Bars, Shapes
from console.format import number
from services.facts.drift.types import Binning, CategoryBinning, NumericBinning, Profile

_BARS = 40
_MOST_NAMES = 15
_MOST_VALUES = 30
_TAIL = 0.005


def shapes(
    feature: str, binning: Binning, one: tuple[str, Profile], two: tuple[str, Profile]
) -> Shapes:
    """Return two named profiles over the same bars; both have a row with a value."""
    if isinstance(binning, CategoryBinning):
        return _levels(feature, binning, one, two)
    if _is_discrete(binning, one[1], two[1]):
        return _values(feature, binning, one, two)
    edges = _edges(binning, one[1], two[1])
    first, second = (_within(binning, each[1], edges) for each in (one, two))
    outside = edges[0] < binning.edges[0], edges[-1] > binning.edges[-1]
    return Shapes(
        feature, Bars(one[0], first), Bars(two[0], second), tuple(edges.tolist()),
        (bool(outside[0]), bool(outside[1])),
    )  # fmt: skip


def largest_share(binning: Binning, profile: Profile) -> float:
    """Return the share of rows that have the commonest value; bins of many values are not asked."""
    is_number = isinstance(binning, NumericBinning)
    single = profile.counts[binning.atoms] if is_number else profile.counts[:-1]
    return float(single.max(initial=0)) / profile.n


def _levels(
    feature: str, binning: CategoryBinning, one: tuple[str, Profile], two: tuple[str, Profile]
) -> Shapes:
    p, q = (each[1].counts / each[1].n for each in (one, two))
    order = np.argsort(-np.maximum(p, q)[:-1], kind="stable")[:_MOST_NAMES]
    rest = 1 - p[order].sum(), 1 - q[order].sum()
    names = [binning.levels[i] for i in order]
    first, second = p[order].tolist(), q[order].tolist()
    if max(rest) > 1e-9:
        names.append("all others")
        first.append(max(0.0, float(rest[0])))
        second.append(max(0.0, float(rest[1])))
    return Shapes(
        feature, Bars(one[0], tuple(first)), Bars(two[0], tuple(second)), names=tuple(names)
    )


def _is_discrete(binning: NumericBinning, one: Profile, two: Profile) -> bool:
    """Tell whether few single values hold nearly all rows of both."""
    if not 0 < binning.atoms.sum() <= _MOST_VALUES:
        return False
    return all(each.counts[binning.atoms].sum() >= 0.98 * each.n for each in (one, two))


def _values(
    feature: str, binning: NumericBinning, one: tuple[str, Profile], two: tuple[str, Profile]
) -> Shapes:
    places = np.flatnonzero(binning.atoms)
    held = [binning.edges[i - 1] for i in places]
    names = [f"{v:g}" if v == round(v) else number(float(v)) for v in held]
    first, second = ((p.counts[places] / p.n).tolist() for _, p in (one, two))
    if any(sum(each) < 1 - 1e-9 for each in (first, second)):
        names.append("others")
        first, second = ([*each, max(0.0, 1 - sum(each))] for each in (first, second))
    return Shapes(
        feature, Bars(one[0], tuple(first)), Bars(two[0], tuple(second)), names=tuple(names)
    )


def _edges(binning: NumericBinning, one: Profile, two: Profile) -> NDArray[np.float64]:
    """Return equal bars over all but the thin ends of both.

    Notes
    -----
    How rows lie outside of the reference's range no profile knows: they share one bar at each end.
    """
    first, last = float(binning.edges[0]), float(binning.edges[-1])
    ends: list[float] = []
    for each in (one, two):
        x, f = _distribution(binning, each)
        ends += [float(np.interp(q, f, x)) for q in (_TAIL, 1 - _TAIL)]
    low, high = max(min(ends[::2]), first), min(max(ends[1::2]), last)
    if high <= low:
        low, high = first - 0.5, first + 0.5
    bars = _BARS
    width = (high - low) / bars
    is_whole = bool((binning.edges[binning.atoms[1:]] % 1 == 0).all()) and binning.atoms.any()
    if is_whole and width > 1:
        width = float(np.ceil(width))
        low, bars = float(np.floor(low)) - 0.5, int(np.ceil((high - low + 1) / width))
    edges = low + width * np.arange(bars + 1)
    below, above = min(ends[::2]) < first, max(ends[1::2]) > last
    return np.concatenate(
        [[low - width] if below else [], edges, [edges[-1] + width] if above else []]
    )


def _distribution(
    binning: NumericBinning, profile: Profile
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the distribution function is known, and its values there, from 0 to 1."""
    first, last = float(binning.edges[0]), float(binning.edges[-1])
    low = min(profile.smallest, first) if np.isfinite(profile.smallest) else first
    high = max(profile.largest, last) if np.isfinite(profile.largest) else last
    x = np.concatenate([[low], binning.edges, [high]])
    return x, np.concatenate([[0.0], np.cumsum(profile.counts) / profile.n])


def _within(
    binning: NumericBinning, profile: Profile, edges: NDArray[np.float64]
) -> tuple[float, ...]:
    x, f = _distribution(binning, profile)
    held = np.interp(edges, x, f)
    held[0], held[-1] = 0.0, 1.0
    return tuple(np.diff(held).tolist())
