"""Bins from a reference, profiles of batches, and their sum; the one contract of the drift instrument.

Notes
-----
A thousand bins at the quantiles of the reference hold the Kolmogorov-Smirnov distance to a thousandth,
whatever the distribution. A value that is repeated so often that quantiles fall on it gets a bin of its
own, so that discrete features are exact.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.facts.drift.types import Binning, CategoryBinning, NumericBinning, Profile
from services.kernel.error import InsufficientEvidence, InvalidInput

BINS = 1_000
MOST_LEVELS = 10_000
COMPILED_FROM = 4_096
"""Rows of a batch from which on the compiled pass is worth its loading."""


def numeric_binning(reference: NDArray[np.float64], bins: int = BINS) -> NumericBinning:
    """Return the bins of a number.

    Parameters
    ----------
    reference
        Shape (n,); values that are missing or infinite are left out.
    bins
        A multiple of ten, so that the tenths of the reference are sums of bins.

    Raises
    ------
    InsufficientEvidence
        When the reference holds no finite value.
    InvalidInput
        When the number of bins is no multiple of ten.
    """
    if bins < 10 or bins % 10:
        raise InvalidInput(f"The number of bins is a multiple of ten, not {bins}.")
    known = np.sort(reference[np.isfinite(reference)].astype(np.float64)) + 0.0  # no minus zero
    if not len(known):
        raise InsufficientEvidence("The reference holds no value of this feature.")
    places = np.clip((np.arange(bins + 1) * len(known)) // bins, 0, len(known) - 1)
    cuts = known[places]
    values, repeats = np.unique(cuts, return_counts=True)
    repeated = values[repeats > 1]
    distinct = known[np.concatenate([[True], known[1:] != known[:-1]])]
    repeated = distinct if len(distinct) <= bins else repeated
    with np.errstate(over="ignore"):  # after the largest number comes infinity
        after = np.nextafter([*repeated, cuts[-1]], np.inf)
        edges = np.unique(np.concatenate([cuts, repeated, after]))
        atoms = np.zeros(len(edges) + 1, dtype=bool)
        atoms[1:-1] = np.nextafter(edges[:-1], np.inf) == edges[1:]
    tenths = np.unique(cuts[:: bins // 10][1:-1])
    left = np.concatenate([[-np.inf], edges])
    return NumericBinning(edges, atoms, np.searchsorted(tenths, left, side="right"))


def category_binning(reference: Sequence[str | None], most: int = MOST_LEVELS) -> CategoryBinning:
    """Return the levels of a category, the most frequent first; equal ones by name.

    Raises
    ------
    InsufficientEvidence
        When the reference holds no value.
    """
    counted = Counter(each for each in reference if each is not None)
    if not counted:
        raise InsufficientEvidence("The reference holds no value of this feature.")
    ranked = sorted(counted, key=lambda level: (-counted[level], level))
    return CategoryBinning(tuple(ranked[:most]), is_complete=len(ranked) <= most)


def empty(binning: Binning) -> Profile:
    """Return the profile of no rows, which changes nothing when it is added."""
    return Profile(np.zeros(binning.bins, dtype=np.int64))


def profile_batch(batch: pa.RecordBatch, binnings: Mapping[str, Binning]) -> dict[str, Profile]:
    """Return a profile of each feature that has a binning and stands in a batch.

    Parameters
    ----------
    batch
        Any number of rows; columns without a binning are left out.
    """
    present = [name for name in binnings if name in batch.schema.names]
    return {name: _profile(batch.column(name), binnings[name]) for name in present}


def merge(profiles: Sequence[Profile]) -> Profile:
    """Return the profile of all rows together; the order changes sums in the last bit only.

    Raises
    ------
    InvalidInput
        For no profile, or profiles of different binnings.
    """
    if not profiles:
        raise InvalidInput("There is nothing to merge.")
    if len({len(each.counts) for each in profiles}) > 1:
        raise InvalidInput("Profiles of different binnings do not add up; make them again.")
    return reduce(_add, profiles)


def _add(one: Profile, other: Profile) -> Profile:
    return Profile(
        one.counts + other.counts,
        one.nulls + other.nulls,
        one.invalid + other.invalid,
        one.infinite + other.infinite,
        one.total + other.total,
        one.squares + other.squares,
        min(one.smallest, other.smallest),
        max(one.largest, other.largest),
    )


def _profile(column: pa.Array, binning: Binning) -> Profile:
    if isinstance(binning, CategoryBinning):
        return _categories(column, binning)
    if pa.types.is_null(column.type):
        return Profile(np.zeros(binning.bins, dtype=np.int64), nulls=len(column))
    values, invalid = numbers(column)
    if len(values) >= COMPILED_FROM:
        from services.facts.drift import kernel  # the web process never loads a compiler

        return kernel.profile(values, invalid, binning)
    return _plainly(values, invalid, binning)


def _plainly(values: NDArray[np.float64], invalid: int, binning: NumericBinning) -> Profile:
    nulls = int(np.isnan(values).sum()) - invalid
    known = values[~np.isnan(values)]
    finite = known[np.isfinite(known)]
    places = np.searchsorted(binning.edges, known, side="right")
    counts = np.bincount(places, minlength=binning.bins).astype(np.int64)
    if not len(finite):
        return Profile(counts, nulls, invalid, len(known))
    infinite = len(known) - len(finite)
    with np.errstate(over="ignore", invalid="ignore"):  # a sum of the largest numbers is infinite
        total, squares = float(finite.sum()), float(np.square(finite).sum())
    smallest, largest = float(finite.min()), float(finite.max())
    return Profile(counts, nulls, invalid, infinite, total, squares, smallest, largest)


def numbers(column: pa.Array) -> tuple[NDArray[np.float64], int]:
    """Return a column as numbers, NaN where there is none, and how many values are no numbers."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        numbers = pc.cast(column, pa.float64(), safe=False)
        return numbers.to_numpy(zero_copy_only=False).astype(np.float64, copy=False), 0
    held = [_number(each) for each in column.to_pylist()]
    invalid = sum(each is None for each in held)
    return np.array([np.nan if each is None else each for each in held]), invalid


def _number(value: object) -> float | None:
    if value is None:
        return float("nan")
    try:
        return float(str(value))
    except ValueError:
        return None


def _categories(column: pa.Array, binning: CategoryBinning) -> Profile:
    places = {level: place for place, level in enumerate(binning.levels)}
    counts = np.zeros(binning.bins, dtype=np.int64)
    nulls = 0
    for each in column.value_counts().to_pylist():
        value, count = each["values"], each["counts"]
        if value is None or value != value:  # noqa: PLR0124 - NaN is unlike itself
            nulls += count
        else:
            counts[places.get(str(value), len(places))] += count
    return Profile(counts, nulls)
