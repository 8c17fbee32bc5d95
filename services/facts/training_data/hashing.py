"""The digest of rows: of all of them, whatever file they lie in; and a mark for each row."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from services.facts.training_data.columns import EXACT, compute
from services.record.canonical import canonical

SCHEMA = "rows/1"
Marks = npt.NDArray[np.uint64]


def digest(held: pa.Table) -> str:
    """Return the SHA-256 of a normalised table, 64 hexadecimal digits.

    Notes
    -----
    Over the RFC 8785 bytes of ``[schema, rows, [[name, kind], …]]`` with columns by name, then for each
    column one byte a row that says whether there is a value, and the values, missing ones as zeros:
    numbers as little-endian float64 with -0 as 0 (int64 where any is beyond 2^53), truths as one byte,
    instants as int64 microseconds, texts as int64 lengths of their UTF-8 bytes and those bytes. So the
    order of rows counts; the order of columns, the file's format and its compression do not, and 1 is 1.0.
    """
    names = sorted(held.column_names)
    plain = {name: _plain(held.column(name).combine_chunks()) for name in names}
    kinds = [[name, plain[name][0]] for name in names]
    found = hashlib.sha256(canonical([SCHEMA, held.num_rows, kinds]))
    for _, parts in plain.values():
        for part in parts:
            found.update(part.tobytes())
    return found.hexdigest()


def _plain(column: pa.Array) -> tuple[str, list[npt.NDArray[np.generic]]]:
    """Return the kind of a column, and its bytes in parts."""
    known = np.asarray(compute.is_valid(column).to_numpy(zero_copy_only=False), dtype=np.uint8)
    if pa.types.is_large_string(column.type):
        return "text", [known, *_text(column)]
    if pa.types.is_boolean(column.type):
        values = column.fill_null(value=False).to_numpy(zero_copy_only=False)
        return "truth", [known, np.asarray(values, dtype=np.uint8)]
    if pa.types.is_timestamp(column.type):
        return "instant", [known, _whole(column.cast(pa.int64()))]
    if pa.types.is_integer(column.type):
        values = _whole(column)
        if len(values) and (values.max() > EXACT or values.min() < -EXACT):
            return "whole", [known, values]
        return "number", [known, values.astype("<f8") + 0.0]
    values = np.asarray(column.fill_null(0.0).to_numpy(zero_copy_only=False), dtype="<f8")
    return "number", [known, values + 0.0]  # -0.0 + 0.0 is 0.0


def _whole(column: pa.Array) -> npt.NDArray[np.int64]:
    return np.asarray(column.fill_null(0).to_numpy(zero_copy_only=False), dtype="<i8")


def _text(column: pa.Array) -> list[npt.NDArray[np.generic]]:
    filled = column.fill_null("")
    _, starts, held = filled.buffers()
    ends = np.frombuffer(starts, dtype="<i8")[filled.offset : filled.offset + len(filled) + 1]
    if not len(filled) or held is None:
        return [np.zeros(len(filled), dtype="<i8")]
    return [np.diff(ends), np.frombuffer(held, dtype=np.uint8)[ends[0] : ends[-1]]]


def marks(held: pa.Table, names: Sequence[str]) -> Marks:
    """Return a mark of 64 bits for each row over some columns, shape (n,); equal rows have equal ones.

    Notes
    -----
    Two rows that differ have the same mark with a chance of 2^-64; among 10 million rows against a
    million that is one false pair in two million comparisons of whole sets.
    """
    if not names:
        return np.zeros(held.num_rows, dtype=np.uint64)
    frame = pd.DataFrame({name: _comparable(held.column(name)) for name in sorted(names)})
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)


def _comparable(column: pa.ChunkedArray) -> "pd.Series[float] | pd.Series[str]":
    """Return a column as floats or texts, so that 1 and 1.0 have the same mark."""
    if pa.types.is_large_string(column.type):
        return pd.Series(column.to_pylist(), dtype=object)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return pd.Series(column.cast(pa.float64(), safe=False).to_numpy()) + 0.0
