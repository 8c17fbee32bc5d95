"""Rows that stand alone: numbers that the reference never reached, and answers that are unsure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.facts.drift import noise
from services.facts.drift.rules import numbers
from services.facts.drift.types import Binning, NumericBinning
from services.facts.evidence.types import MeasurementStatus
from services.facts.performance.statistics import wilson
from services.facts.window.types import WindowMetric
from services.kernel.error import InsufficientEvidence

UNSURE = 0.05


def row_shares(
    table: pa.Table, binnings: Mapping[str, Binning], reference_confidence_p05: float | None,
    reference_rows: int, *, start: datetime, end: datetime, min_n: int, segment: str = "",
) -> list[WindowMetric]:  # fmt: skip
    """Return the share of rows with an unusual number, and of unsure answers, each with its noise.

    Parameters
    ----------
    table
        A window of the prediction log.
    binnings
        By column of the table; categories are passed over, and their new levels are told elsewhere.
    reference_confidence_p05
        See :func:`confidence_p05`; None where answers have no probability.
    reference_rows
        Rows that both were made from.
    start, end
        The window, half open.
    min_n
        With fewer rows a share is not told.

    Notes
    -----
    A new number lies outside the range of m earlier ones with chance 2 / (m + 1) when nothing moved; so
    many outliers are expected of each column, and the floor is that of their sum.
    """
    number = partial(WindowMetric, start, end, segment=segment)
    numeric = {name: each for name, each in binnings.items() if isinstance(each, NumericBinning)}
    chance = min(2 * len(numeric), reference_rows), reference_rows
    outside = _outside(table, numeric)
    outliers = _share(number, "data_quality.outlier_share", outside, chance, max(1, min_n))
    if reference_confidence_p05 is None:
        return [outliers]
    sure = confidence(table)
    unsure = sure[~np.isnan(sure)] < reference_confidence_p05
    chance = round(UNSURE * reference_rows), reference_rows
    return [outliers, _share(number, "drift.low_confidence_share", unsure, chance, max(1, min_n))]


def confidence(table: pa.Table) -> NDArray[np.float64]:
    """Return the probability of the likeliest class by row, shape (n,); NaN where none is known.

    Parameters
    ----------
    table
        With ``scores``, a list by class, or else ``score``, the probability of one class of two.
    """
    found = np.full(table.num_rows, np.nan)
    if "score" in table.schema.names:
        score = numbers(table.column("score").combine_chunks())[0]
        found = np.where((score >= 0) & (score <= 1), np.maximum(score, 1 - score), np.nan)
    if "scores" not in table.schema.names or pa.types.is_null(table.schema.field("scores").type):
        return found
    lists: Any = table.column("scores").combine_chunks()
    rows = np.asarray(lists.value_parent_indices())
    largest = np.full(table.num_rows, -np.inf)
    np.fmax.at(largest, rows, numbers(lists.flatten())[0])
    return np.where(np.isfinite(largest), largest, found)


def confidence_p05(reference: pa.Table) -> float:
    """Return the confidence that one answer in twenty of the reference stays below.

    Raises
    ------
    InsufficientEvidence
        When no answer has a probability.
    """
    sure = confidence(reference)
    if np.isnan(sure).all():
        raise InsufficientEvidence("No answer of the reference has a probability.")
    return float(np.nanquantile(sure, UNSURE, method="lower"))


def _outside(table: pa.Table, binnings: Mapping[str, NumericBinning]) -> NDArray[np.bool_]:
    found = np.zeros(table.num_rows, dtype=np.bool_)
    for name, binning in binnings.items():
        if name in table.schema.names:
            values = numbers(table.column(name).combine_chunks())[0]
            found |= (values < binning.edges[0]) | (values >= binning.edges[-1])
    return found


def _share(
    number: Callable[..., WindowMetric],
    metric: str,
    hit: NDArray[np.bool_],
    chance: tuple[int, int],
    min_n: int,
) -> WindowMetric:
    n = len(hit)
    if n < min_n:
        return number(metric, None, n, status=MeasurementStatus.TOO_FEW)
    found, (hits, m) = wilson(int(hit.sum()), n), chance
    floor = noise.share_floor(hits, m, n) if m else None
    return number(metric, found.value, n, lo=found.lo, hi=found.hi, floor=floor, method="wilson")
