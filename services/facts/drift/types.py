"""The nouns of drift: where a feature's bins lie, what a window holds of it, how far two are apart."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class NumericBinning:
    """The bins of a number, frozen from its reference.

    Attributes
    ----------
    edges
        Shape (E,), strictly increasing. Bin i holds ``edges[i-1] <= x < edges[i]``; the first and
        the last bin lie outside the reference's range.
    atoms
        Shape (E + 1,), whether a bin holds one value only.
    deciles
        Shape (E + 1,), from which tenth of the reference a bin comes, 0 to 9; tenths that fall
        together are one.
    """

    edges: NDArray[np.float64]
    atoms: NDArray[np.bool_]
    deciles: NDArray[np.int64]

    @property
    def bins(self) -> int:
        """Return how many bins there are."""
        return len(self.edges) + 1


@dataclass(frozen=True)
class CategoryBinning:
    """The levels of a category, frozen from its reference.

    Attributes
    ----------
    levels
        The reference's most frequent levels, in order. One bin each; the last bin holds all others.
    is_complete
        Whether these are all levels of the reference: only then is another one *new*.
    """

    levels: tuple[str, ...]
    is_complete: bool

    @property
    def bins(self) -> int:
        """Return how many bins there are."""
        return len(self.levels) + 1


Binning = NumericBinning | CategoryBinning


@dataclass(frozen=True, eq=False)
class Profile:
    """What one window holds of one feature; two of the same binning add up.

    Attributes
    ----------
    counts
        Shape (bins,), rows by bin; missing and invalid values are in none.
    nulls, invalid, infinite
        Rows without a value (NaN is none), with a value of another type, and with an infinite one
        (which stands in an outer bin).
    total, squares
        Sum of the finite values and of their squares; 0 for categories.
    smallest, largest
        Of the finite values; infinite the other way round where there are none.
    """

    counts: NDArray[np.int64]
    nulls: int = 0
    invalid: int = 0
    infinite: int = 0
    total: float = 0.0
    squares: float = 0.0
    smallest: float = float("inf")
    largest: float = float("-inf")

    @property
    def n(self) -> int:
        """Return how many rows have a value."""
        return int(self.counts.sum())

    @property
    def rows(self) -> int:
        """Return how many rows there are, with a value or without."""
        return self.n + self.nulls + self.invalid


class Bounds(NamedTuple):
    """What a distance certainly lies between; both ends are reached by some data."""

    lo: float
    hi: float


class DriftMetric(StrEnum):
    """By what two files are compared; the name in the catalogue follows ``drift.``."""

    KS = "ks"
    PSI = "psi"
    JENSEN_SHANNON = "jensen_shannon"


@dataclass(frozen=True)
class FeatureDrift:
    """How far one feature moved from a reference.

    Attributes
    ----------
    metric
        A name of the catalogue; categories are compared by ``drift.largest_change`` where the metric
        wanted is for numbers.
    value
        The exact value; None where it could not be told, and ``reason`` says why.
    p_value
        Of the two-sample test of no change: Kolmogorov-Smirnov for numbers, chi-square for categories.
    n
        Current rows with a value.
    """

    feature: str
    metric: str
    n: int
    value: float | None = None
    p_value: float | None = None
    missing: float | None = None
    new: float | None = None
    reason: str = ""
