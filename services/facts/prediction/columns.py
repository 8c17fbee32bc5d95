"""Columns of the prediction log as arrays, whatever type a batch gave them."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.object_]
Truths = npt.NDArray[np.bool_]
Instants = npt.NDArray[np.datetime64]


def numbers(table: pa.Table, name: str) -> Floats:
    """Return a column as numbers.

    Returns
    -------
    (n,)
        NaN where there is no value, the value is no number, or the table lacks the column. A text
        that spells a number is one; infinities stay.
    """
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    column = table.column(name)
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return np.array(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    return _by_level(column, _number).astype(np.float64)


def labels(table: pa.Table, name: str) -> Labels:
    """Return a column as the names of classes; None where there is no value.

    Notes
    -----
    Senders and training code write one class in several ways: 1, 1.0, true and "1" have one name.
    """
    if name not in table.column_names:
        return np.full(table.num_rows, None, dtype=object)
    return _by_level(table.column(name), label)


def label(value: object) -> str | None:
    """Return the one name of a class; None of a missing value."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is unlike itself
        return None
    number = _number(value)
    if np.isfinite(number):
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)


def decisions(table: pa.Table, threshold: float | None, positive: str) -> tuple[Truths, Truths]:
    """Return whether each row was told the positive class, and whether that is known; shapes (n,).

    Parameters
    ----------
    threshold
        From which score on; None where ``prediction`` says it.
    positive
        The name of the class, as :func:`label` gives it.
    """
    if threshold is None:
        said = labels(table, "prediction")
        return said == positive, known(said)
    scores = numbers(table, "score")
    return scores >= threshold, ~np.isnan(scores)


def known(values: Labels) -> Truths:
    """Return (n,) whether there is a value."""
    return np.array([each is not None for each in values], dtype=bool)


def instants(table: pa.Table, name: str) -> Instants:
    """Return a column of instants, shape (n,), in UTC and microseconds; NaT where there is none."""
    if name not in table.column_names or not pa.types.is_timestamp(table.column(name).type):
        return np.full(table.num_rows, "NaT", dtype="datetime64[us]")
    column = table.column(name)
    return np.array(pc.cast(column, pa.timestamp("us"), safe=False).to_numpy())


def within(table: pa.Table, start: datetime, end: datetime) -> pa.Table:
    """Return the rows of a window, which is half open."""
    at = instants(table, "at")
    first, last = (
        np.datetime64(each.astimezone(UTC).replace(tzinfo=None)) for each in (start, end)
    )
    return table.filter(pa.array((at >= first) & (at < last)))


def answered(table: pa.Table) -> pa.Table:
    """Return the rows that the model answered; a request that failed has no prediction."""
    if "status" not in table.column_names:
        return table
    ok = labels(table, "status") == "ok"
    return table if ok.all() else table.filter(pa.array(ok))


def features(table: pa.Table) -> list[str]:
    """Return the names of the columns that hold what the model was given."""
    return [name for name in table.column_names if name.startswith("f_")]


def _by_level(column: pa.ChunkedArray, spell: Any) -> Labels:
    """Return a function of each value, worked out once for each different one."""
    held = column.cast(pa.string()) if pa.types.is_null(column.type) else column
    coded = held.combine_chunks().dictionary_encode(null_encoding="encode")
    levels = np.empty(len(coded.dictionary), dtype=object)
    levels[:] = [spell(each) for each in coded.dictionary.to_pylist()]
    return levels[coded.indices.to_numpy(zero_copy_only=False)]


def _number(value: object) -> float:
    if isinstance(value, str | int | float):
        try:
            return float(value)
        except (ValueError, OverflowError):
            return float("nan")
    return float("nan")
