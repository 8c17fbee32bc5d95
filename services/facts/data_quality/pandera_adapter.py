"""Expectations as a Pandera schema, held against the rows of a window; nothing else imports Pandera."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
from pandera.errors import SchemaErrorReason, SchemaErrors

from services.facts.data_quality.types import Check, Expectation, Failure, Kind

AHEAD = timedelta(minutes=10)
MOST_EXAMPLES = 3
_LONGEST = 60
_BOOLEANS = {"0", "1", "0.0", "1.0", "true", "false"}
Test = Callable[[pd.Series], pd.Series]


def failures(
    table: pa.Table, expectations: Sequence[Expectation], examples: int = 0
) -> list[Failure]:
    """Return the expectations that rows do not meet, by column.

    Parameters
    ----------
    table
        The rows of a window, one or more.
    examples
        How many values to show of each, at most three; they may be personal.
    """
    names = [each.column for each in expectations]
    present = [name for name in (*names, "at", "received_at") if name in table.column_names]
    rows = table.select(list(dict.fromkeys(present))).to_pandas()
    try:
        _schema(expectations, rows).validate(rows, lazy=True)
    except SchemaErrors as error:
        shown = min(examples, MOST_EXAMPLES)
        found = [_failure(each, len(rows), shown) for each in error.schema_errors]
        return sorted(found, key=lambda each: (each.column, each.check))
    return []


def _schema(expectations: Sequence[Expectation], rows: pd.DataFrame) -> pandera.DataFrameSchema:
    columns = {each.column: _column(each) for each in expectations}
    if "at" in rows.columns:
        arrived = rows["received_at"] if "received_at" in rows.columns else None
        columns["at"] = pandera.Column(
            checks=[_check(Check.PAST, lambda at: _past(at, arrived))], nullable=True
        )
    return pandera.DataFrameSchema(columns)


def _column(expected: Expectation) -> pandera.Column:
    checks = [_check(Check.KIND, _KINDS[expected.kind])]
    if expected.complete:
        checks.append(_check(Check.KNOWN, lambda values: values.notna()))
    if expected.kind in (Kind.NUMBER, Kind.INTEGER):
        checks.append(_check(Check.FINITE, lambda values: ~_is_endless(_numbers(values))))
        lo = -np.inf if expected.lo is None else expected.lo
        hi = np.inf if expected.hi is None else expected.hi
        checks.append(_check(Check.RANGE, lambda values: ~_outside(_numbers(values), lo, hi)))
    return pandera.Column(checks=checks, nullable=True, required=expected.required)


def _check(name: Check, test: Test) -> pandera.Check:
    return pandera.Check(test, name=name.value, ignore_na=False, n_failure_cases=MOST_EXAMPLES)


def _numbers(values: pd.Series) -> pd.Series:
    """Return values as numbers, NaN where there is none."""
    return pd.to_numeric(values, errors="coerce").astype("float64")


def _outside(numbers: pd.Series, lo: float, hi: float) -> pd.Series:
    """Tell which finite numbers are not plausible."""
    return ((numbers < lo) | (numbers > hi)) & ~_is_endless(numbers)


def _is_endless(numbers: pd.Series) -> pd.Series:
    return numbers.abs() == np.inf


def _is_number(values: pd.Series) -> pd.Series:
    return values.isna() | _numbers(values).notna()


def _is_integer(values: pd.Series) -> pd.Series:
    numbers = _numbers(values)
    return values.isna() | _is_endless(numbers) | (numbers % 1 == 0)


def _is_boolean(values: pd.Series) -> pd.Series:
    return values.isna() | values.astype(str).str.lower().isin(_BOOLEANS)


def _is_instant(values: pd.Series) -> pd.Series:
    return (
        values.isna() | pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601").notna()
    )


def _is_text(values: pd.Series) -> pd.Series:
    return pd.Series(data=True, index=values.index)


_KINDS: dict[Kind, Test] = {
    Kind.NUMBER: _is_number,
    Kind.INTEGER: _is_integer,
    Kind.BOOLEAN: _is_boolean,
    Kind.INSTANT: _is_instant,
    Kind.TEXT: _is_text,
}


def _past(at: pd.Series, arrived: pd.Series | None) -> pd.Series:
    """Tell which instants are aware, and not more than ten minutes ahead of their arrival."""
    if not isinstance(at.dtype, pd.DatetimeTZDtype):
        return pd.Series(data=False, index=at.index)
    if arrived is None or not isinstance(arrived.dtype, pd.DatetimeTZDtype):
        return at.notna()
    return at.notna() & ~(at > arrived + AHEAD)


def _failure(error: Any, of: int, examples: int) -> Failure:
    if error.reason_code is SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME:
        return Failure(str(error.failure_cases), Check.PRESENT, of, of)
    rows = int((~error.check_output).sum())
    values = error.failure_cases["failure_case"].head(examples)
    shown = tuple(str(each)[:_LONGEST] for each in values)
    return Failure(str(error.schema.name), Check(error.check.name), rows, of, shown)
