"""Callers whose queries look like an extraction of the model rather than its use.

Notes
-----
Who copies a model asks around one point, changing a feature at a time, or draws inputs evenly over
their ranges; ordinary inputs do neither. Each limit stands half-way to what ordinary queries never
show, so that it adapts to models whose inputs repeat anyway. Tramer et al. 2016; Juuti et al. 2019.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from services.facts.prediction.columns import Floats, features, known, labels, numbers
from services.facts.prediction.marks import Marks
from services.facts.prediction.marks import marks as marked

BLOCK = 500
LEAST_QUERIES = 50
LEAST_VALUES = 10
LEAST_PAST = 7
TIMES_THE_MOST = 5
UNEVEN = 1.63
LEAST_GAP = 0.05
MOST_ASKED = 2_000
"""Queries of one caller that are looked at for evenness: as many tell a gap of 0.05 for certain."""
_SEED = 7
_BLOCKS = 10


class Pattern(StrEnum):
    """What looks like an extraction."""

    NEAR_DUPLICATES = "near_duplicates"
    SWEEP = "sweep"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A caller, what it does, and how far beyond what is usual.

    Attributes
    ----------
    value, limit
        Shares of queries or of features in [0, 1]; of volume, queries in the window.
    n
        Queries behind it.
    """

    caller_hash: str
    pattern: Pattern
    value: float
    limit: float
    n: int


@dataclass(frozen=True)
class Usual:
    """What ordinary queries look like.

    Attributes
    ----------
    near_duplicates
        Largest share of near-duplicates among some hundreds of them.
    ranges
        From the first to the 99th percentile of each feature that is a number of ten values or more.
    gaps
        How far each of these is from being evenly spread over that range: the Kolmogorov-Smirnov
        distance to the uniform distribution.
    """

    near_duplicates: float = 0.0
    ranges: Mapping[str, tuple[float, float]] = field(
        default_factory=dict[str, tuple[float, float]]
    )
    gaps: Mapping[str, float] = field(default_factory=dict[str, float])


def usual(reference: pa.Table) -> Usual:
    """Return what ordinary queries look like, from rows of the reference with ``f_`` columns."""
    marks = marked(reference)
    order = np.random.default_rng(_SEED).permutation(marks.shape[1])[: BLOCK * _BLOCKS]
    shares = [near_duplicate_share(marks[:, block]) for block in _blocks(order)]
    ranges: dict[str, tuple[float, float]] = {}
    gaps: dict[str, float] = {}
    for name in features(reference):
        values = numbers(reference, name)
        values = values[np.isfinite(values)]
        if len(np.unique(values)) < LEAST_VALUES:
            continue
        lo, hi = np.quantile(values, [0.01, 0.99])
        if lo < hi:
            ranges[name] = (float(lo), float(hi))
            gaps[name], _ = uniform_gap(values, ranges[name])
    return Usual(max(shares, default=0.0), ranges, gaps)


def find(
    table: pa.Table,
    usual: Usual,
    past: Mapping[str, Sequence[int]] | None = None,
    marks: Marks | None = None,
) -> list[Suspicion]:
    """Return the callers of a window that look like an extraction, and why.

    Parameters
    ----------
    table
        The rows of the window in the order of their instants; rows without a caller are left out.
    past
        Queries by caller in earlier windows of the same length, oldest first. A caller with fewer
        than seven of them has no past to compare with.
    marks
        Those of the table, where they are known already.
    """
    held = marked(table) if marks is None else marks
    asked = [name for name in usual.ranges if usual.gaps[name] >= 2 * LEAST_GAP]
    columns = {name: numbers(table, name) for name in asked}
    found: list[Suspicion | None] = []
    for caller, mine in _by_caller(table):
        if len(mine) < LEAST_QUERIES:
            continue
        some = mine if len(mine) <= MOST_ASKED else np.sort(_generator().choice(mine, MOST_ASKED, replace=False))  # fmt: skip
        found += [
            _near(caller, np.ascontiguousarray(held[:, mine]), usual),
            _sweep(caller, {name: values[some] for name, values in columns.items()}, usual),
            _volume(caller, len(mine), (past or {}).get(caller, ())),
        ]
    return [each for each in found if each is not None]


def _generator() -> np.random.Generator:
    return np.random.default_rng(_SEED)


def _by_caller(table: pa.Table) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Yield each caller by name with the places of its rows, in their order."""
    callers = labels(table, "caller_hash")
    names, codes = np.unique(np.where(known(callers), callers, "").astype(str), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    for place, name in enumerate(names):
        if name:
            yield str(name), order[ends[place - 1] if place else 0 : ends[place]]


def queries(table: pa.Table) -> dict[str, int]:
    """Return how many rows each caller sent; rows without a caller are left out."""
    if "caller_hash" not in table.column_names:
        return {}
    counted = table.column("caller_hash").value_counts().to_pylist()
    return {str(each["values"]): each["counts"] for each in counted if each["values"] is not None}


def near_duplicate_share(marks: Marks) -> float:
    """Return the share of different inputs from which another one differs in one feature only.

    Parameters
    ----------
    marks
        (k, n) one number for each value of each feature, such that sums tell rows apart.
    """
    whole = marks.sum(axis=0, dtype=np.uint64)
    _, first = np.unique(whole, return_index=True)
    if len(first) < 2:
        return 0.0
    others = whole[first] - marks[:, first]
    ordered = np.sort(others, axis=1)
    near = np.zeros(len(first), dtype=bool)
    for place in np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1)):
        _, which, count = np.unique(others[place], return_inverse=True, return_counts=True)
        near |= count[which] > 1
    return float(near.mean())


def uniform_gap(values: Floats, within: tuple[float, float]) -> tuple[float, int]:
    """Return how far values are from being evenly spread over a range, and how many lie in it."""
    lo, hi = within
    inside = np.sort(values[(values >= lo) & (values <= hi)])
    n = len(inside)
    if not n:
        return 1.0, 0
    even = (inside - lo) / (hi - lo)
    above = (np.arange(1, n + 1) / n - even).max()
    below = (even - np.arange(n) / n).max()
    return float(max(above, below)), n


def _near(caller: str, marks: Marks, usual: Usual) -> Suspicion | None:
    """Tell a burst: of queries in a row, more near-duplicates than half-way from usual to all."""
    limit = (1 + usual.near_duplicates) / 2
    blocks = np.array_split(marks, max(1, marks.shape[1] // BLOCK), axis=1)
    value, n = max((near_duplicate_share(block), block.shape[1]) for block in blocks)
    return Suspicion(caller, Pattern.NEAR_DUPLICATES, value, limit, n) if value > limit else None


def _sweep(caller: str, columns: Mapping[str, Floats], usual: Usual) -> Suspicion | None:
    """Tell a sweep: features that are evenly spread although ordinary ones are far from it.

    Notes
    -----
    Even is a gap under 1.63 / sqrt(n), which 99 of 100 uniform samples stay under. A feature is asked
    only where the usual gap is twice that, so that ordinary queries reach it once in a hundred at
    most; two features, and half of those asked, must agree.
    """
    even, asked, most = 0, 0, 0
    for name, values in columns.items():
        if usual.gaps[name] < 2 * UNEVEN / np.sqrt(max(len(values), 1)):
            continue  # more rows than lie in the range cannot tell either
        gap, n = uniform_gap(values, usual.ranges[name])
        limit = max(UNEVEN / np.sqrt(max(n, 1)), LEAST_GAP)
        if n >= LEAST_QUERIES and usual.gaps[name] >= 2 * limit:
            asked, even, most = asked + 1, even + (gap <= limit), max(most, n)
    if even < 2 or even < asked / 2:
        return None
    return Suspicion(caller, Pattern.SWEEP, even / asked, 0.5, most)


def _volume(caller: str, n: int, past: Sequence[int]) -> Suspicion | None:
    """Tell a volume: five times the most that the caller ever asked in a window."""
    if len(past) < LEAST_PAST:
        return None
    limit = float(TIMES_THE_MOST * max(past))
    return Suspicion(caller, Pattern.VOLUME, float(n), limit, n) if n > limit else None


def _blocks(order: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Return rows in even turns of 500 to 999; fewer than that are one turn."""
    return np.array_split(order, max(1, len(order) // BLOCK)) if len(order) else []
