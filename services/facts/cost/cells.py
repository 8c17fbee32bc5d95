"""Cells of files of costs: columns as lists, exact numbers, instants; nothing passes through a float."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from services.facts.cost.rules import LARGEST, micros
from services.kernel.error import InvalidInput
from services.kernel.money import MICRO, Money

MOST = Decimal(LARGEST) / MICRO
BETWEEN = "\x1f"


def texts(batch: pa.RecordBatch, name: str) -> Sequence[str]:
    """Return a column as texts, one a row; empty where a cell, or the whole column, is missing.

    Notes
    -----
    An instant is told as ISO 8601 in UTC to the microsecond, a map as JSON with sorted keys.
    """
    if name not in batch.schema.names:
        return [""] * batch.num_rows
    column = batch.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if pa.types.is_string(column.type):
        return pc.fill_null(column, "").to_pylist()
    return [text(each) for each in column.to_pylist()]


def joined(batch: pa.RecordBatch, names: Sequence[str]) -> Sequence[str]:
    """Return columns as texts, joined row by row; see :func:`texts`."""
    columns: list[Any] = [""] * len(names)
    for place, name in enumerate(names):
        if name in batch.schema.names:
            column = batch.column(name)
            is_text = pa.types.is_string(column.type)
            told = (
                pc.fill_null(column, "") if is_text else pa.array(texts(batch, name), pa.string())
            )
            columns[place] = told
    return pc.call_function("binary_join_element_wise", [*columns, BETWEEN]).to_pylist()


def values(batch: pa.RecordBatch, name: str) -> Sequence[Any]:
    """Return a column as it stands, one value a row; None where a cell, or the column, is missing."""
    held = name in batch.schema.names
    return batch.column(name).to_pylist() if held else [None] * batch.num_rows


def text(value: Any) -> str:
    """Return a cell as text."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list | dict):
        return json.dumps(dict(value), sort_keys=True)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def decimal(name: str, value: Any) -> Decimal | None:
    """Return a cell as an exact number; None where it is empty.

    Raises
    ------
    InvalidInput
        When it is no number, or not finite; the sentence names the column.
    """
    if value is None or value == "":
        return None
    try:
        found = Decimal(value if isinstance(value, str | Decimal) else str(value))
    except InvalidOperation as error:
        raise InvalidInput(f"{name} is {text(value)!r}, which is no number.") from error
    if not found.is_finite():
        raise InvalidInput(f"{name} is not finite.")
    return found


@lru_cache(maxsize=8192)
def quantity(name: str, value: Any) -> int | None:
    """Return a cell as millionths of a quantity, half to even; None where it is empty.

    Raises
    ------
    InvalidInput
        As :func:`decimal`, and when it is too large.
    """
    found = decimal(name, value)
    return micros(found) if found is not None else None


@lru_cache(maxsize=8192)
def instant(name: str, told: str) -> datetime:
    """Return a text as an instant in UTC; without a time zone it is in UTC.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    try:
        at = datetime.fromisoformat(told)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{name} is {told!r}, which is no instant.") from error


@lru_cache(maxsize=512)
def currency(told: str) -> str:
    """Return a currency.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    return Money.none(told).currency


def millionths(amount: Decimal, told_in: str) -> int:
    """Return an amount in whole millionths, half to even: providers bill finer than that.

    Raises
    ------
    InvalidInput
        When it is too large to be true.
    """
    if not -MOST <= amount <= MOST:
        raise InvalidInput(f"The amount {amount:.3e} {told_in} is too large to be true.")
    return int((amount * MICRO).to_integral_value(rounding=ROUND_HALF_EVEN))


def money(amount: Decimal, told_in: str) -> Money:
    """Return an amount as money; see :func:`millionths`."""
    return Money(told_in, millionths(amount, told_in))
