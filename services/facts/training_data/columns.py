"""Columns of one kind each, whatever file or database they came from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from services.kernel.error import InvalidInput

compute: Any = pyarrow.compute  # its functions exist only once it is loaded
INSTANT = pa.timestamp("us", "UTC")
EXACT = 2**53
"""Whole numbers beyond it are no floats."""


def normalised(held: pa.Table) -> pa.Table:
    """Return a table of int64, float64, boolean, text and instants in UTC; NaN is a missing value.

    Notes
    -----
    A date is its midnight, an instant without a zone is in UTC, a decimal is the nearest float, and a
    column without any value is of floats.

    Raises
    ------
    InvalidInput
        Naming a column that holds something else, such as lists or bytes.
    """
    named: dict[str, Any] = {}
    for field in held.schema:
        if field.name in named:
            raise InvalidInput(f"The column {field.name!r} is there twice.")
        named[field.name] = _column(field.name, held.column(field.name))
    return pa.table(named)


def _column(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _column(name, column.cast(kind.value_type))
    wanted = _wanted(kind)
    if wanted is None:
        raise InvalidInput(
            f"The column {name!r} holds {kind}; a training takes numbers, texts, truths and instants."
        )
    try:
        if pa.types.is_timestamp(kind) and kind.tz is None:
            column = compute.assume_timezone(column, "UTC")
        column = column.cast(wanted, safe=wanted == pa.int64())
    except pa.ArrowInvalid as error:
        raise InvalidInput(f"The column {name!r} has numbers beyond 64 bits.") from error
    if wanted == pa.float64():
        missing = compute.is_nan(column)
        column = compute.if_else(missing, pa.scalar(None, pa.float64()), column)
    return column


def _wanted(kind: pa.DataType) -> pa.DataType | None:
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return pa.float64()
    if pa.types.is_boolean(kind):
        return pa.bool_()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pa.large_string()
    return INSTANT if pa.types.is_timestamp(kind) or pa.types.is_date(kind) else None


def together(tables: Sequence[tuple[str, pa.Table]]) -> pa.Table:
    """Return tables one below the other; whole numbers and floats together are floats.

    Parameters
    ----------
    tables
        Where each came from, and its normalised rows.

    Raises
    ------
    InvalidInput
        When one lacks a column of another, or has it in another kind.
    """
    first, names = tables[0][0], set(tables[0][1].column_names)
    for uri, held in tables[1:]:
        odd = sorted(names ^ set(held.column_names))
        if odd:
            lacks = uri if odd[0] in names else first
            raise InvalidInput(f"{lacks} has no column {odd[0]!r}; name 'columns' that all have.")
    kinds = {name: _joint(name, [held.column(name).type for _, held in tables]) for name in tables[0][1].column_names}  # fmt: skip
    return pa.concat_tables(
        [
            pa.table({n: held.column(n).cast(kind) for n, kind in kinds.items()})
            for _, held in tables
        ]
    )


def _joint(name: str, kinds: list[pa.DataType]) -> pa.DataType:
    found = set(kinds)
    if len(found) == 1:
        return kinds[0]
    if found == {pa.int64(), pa.float64()}:
        return pa.float64()
    raise InvalidInput(f"The column {name!r} is of several kinds: {', '.join(map(str, kinds))}.")


def numbers(held: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """Return a column of numbers, truths or instants as floats, shape (n,); NaN where it is missing."""
    column = held.column(name)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def is_number(held: pa.Table, name: str) -> bool:
    """Tell whether a column holds numbers or truths."""
    kind = held.schema.field(name).type
    return kind in (pa.int64(), pa.float64(), pa.bool_())
