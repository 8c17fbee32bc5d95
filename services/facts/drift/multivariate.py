"""Whether numbers still go together as they did: what few main components make of a row.

Notes
-----
Each feature may keep its distribution while their relation changes; then the components of the reference
rebuild rows worse. A simpler relation is rebuilt better, so that drift can lower the error too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import special

from services.facts.drift.noise import LEVEL
from services.facts.drift.rules import numbers
from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import WindowMetric
from services.kernel.error import InsufficientEvidence

SHARE, TOGETHER = 0.65, 8_192
METRIC, METHOD = "drift.reconstruction_error", "main components of the reference"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Errors:
    """Distances between rows and what was made of them, in standard deviations; two add up."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: "Errors") -> "Errors":
        """Return the errors of all rows together."""
        return Errors(self.n + other.n, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float:
        """Return the mean error; n is 1 or more."""
        return self.total / self.n

    @property
    def variance(self) -> float:
        """Return the variance of a row's error; n is 1 or more."""
        return max(0.0, self.squares / self.n - self.mean**2)


@dataclass(frozen=True, eq=False)
class Components:
    """The main components of a reference, frozen.

    Attributes
    ----------
    columns
        Names of d columns of numbers.
    means, scales
        Shape (d,), of the reference.
    rest
        Shape (d - k, d), orthonormal: the directions that the k main components leave out.
    reference
        The errors of the reference itself.
    """

    columns: tuple[str, ...]
    means: Floats
    scales: Floats
    rest: Floats
    reference: Errors = Errors()


def components(reference: pa.Table, columns: Sequence[str], share: float = SHARE) -> Components:
    """Return as many main components as explain more than a share of the variance.

    Raises
    ------
    InsufficientEvidence
        When fewer than two columns vary.

    Notes
    -----
    Eigenvectors of the covariance of standardised columns, missing values at the mean. Jolliffe 2002.
    """
    values = _matrix(reference, columns)
    known = ~np.isnan(values)
    means = np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    scales = np.where(known, values - means[:, None], 0.0).std(axis=1)
    if (scales > 0).sum() < 2:
        raise InsufficientEvidence("Components need two columns that vary in the reference.")
    scales = np.where(scales > 0, scales, 1.0)
    made = Components(tuple(columns), means, scales, np.empty((0, len(means))))
    standard = _standard(made, values)
    weights, axes = np.linalg.eigh(standard @ standard.T / standard.shape[1])
    explained = np.cumsum(weights[::-1]) / weights.sum()
    kept = min(len(weights), int(np.searchsorted(explained, share, side="right")) + 1)
    made = replace(made, rest=np.ascontiguousarray(axes.T[::-1][kept:]))
    return replace(made, reference=errors(made, reference))


def errors(made: Components, table: pa.Table) -> Errors:
    """Return how far rows are from what the components make of them.

    Parameters
    ----------
    table
        Any number of rows. A column that is not there counts as missing, which is found elsewhere.

    Notes
    -----
    What the main components cannot rebuild of a row is its part along all other directions.
    """
    found = Errors()
    with np.errstate(over="ignore", invalid="ignore"):  # the square of the largest numbers
        for start in range(0, table.num_rows, TOGETHER):
            rows = _standard(made, _matrix(table.slice(start, TOGETHER), made.columns))
            left = made.rest @ rows
            squares = np.square(left, out=left).sum(axis=0)
            found += Errors(len(squares), float(np.sqrt(squares).sum()), float(squares.sum()))
    return found


def reconstruction(
    made: Components, found: Errors, *, start: datetime, end: datetime, min_n: int, segment: str = ""
) -> WindowMetric:  # fmt: skip
    """Return the mean error of a window with its interval, and the largest one that is chance.

    Parameters
    ----------
    start, end
        The window, half open.
    min_n
        With fewer rows it is not told.

    Notes
    -----
    Normal, with the spread of the window for the interval and that of the reference for the floor.
    """
    if found.n < max(1, min_n):
        return WindowMetric(start, end, METRIC, None, found.n, segment=segment, status=MeasurementStatus.TOO_FEW)  # fmt: skip
    if not np.isfinite(found.squares):
        return WindowMetric(start, end, METRIC, None, found.n, segment=segment, status=MeasurementStatus.NOT_ESTIMABLE)  # fmt: skip
    held, n = made.reference, found.n
    half = float(special.ndtri(0.5 + LEVEL / 2)) * float(np.sqrt(found.variance / n))
    chance = float(special.ndtri(LEVEL)) * float(np.sqrt(held.variance * (1 / n + 1 / held.n)))
    return WindowMetric(
        start, end, METRIC, found.mean, n, segment=segment, lo=found.mean - half, hi=found.mean + half,
        floor=held.mean + chance, method=METHOD,
    )  # fmt: skip


def _matrix(table: pa.Table, columns: Sequence[str]) -> Floats:
    """Return the columns as numbers, shape (d, n), NaN where there is none."""
    found = np.full((len(columns), table.num_rows), np.nan)
    for place, name in enumerate(columns):
        if name in table.schema.names:
            values = numbers(table.column(name).combine_chunks())[0]
            np.copyto(found[place], values, where=np.isfinite(values))
    return found


def _standard(made: Components, values: Floats) -> Floats:
    """Return values in standard deviations from their mean; a missing one is at it. The given are overwritten."""
    values -= made.means[:, None]
    values /= made.scales[:, None]
    values[np.isnan(values)] = 0.0
    return values
