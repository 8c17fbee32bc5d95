"""What a formula comes to over the rows of a window."""

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from services.facts.evidence.types import MeasurementStatus
from services.facts.performance.labelling import median
from services.facts.performance.statistics import Floats, Truths, mean_t, wilson
from services.facts.prediction.columns import known, label, labels, numbers
from services.facts.window.types import WindowMetric
from services.kernel.formula import Call, Comparison, Condition, Formula, parse

LEAST = 30
"""Fewer rows are too few for anything but a count and a sum."""
_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "=": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)
_OF_VALUES: Mapping[str, Callable[[Floats], float]] = MappingProxyType(
    {"sum": np.sum, "mean": np.mean, "median": np.median, "min": np.min, "max": np.max}
)


class Value(NamedTuple):
    """What a figure comes to, its interval where it has one, and the rows behind it."""

    value: float | None
    n: int
    lo: float | None = None
    hi: float | None = None
    method: str = ""


def measure(
    table: pa.Table, name: str, text: str, start: datetime, end: datetime, *, segment: str = "",
    each_is: float = 1.0,
) -> WindowMetric:  # fmt: skip
    """Return a business figure over the rows of a window, as ``kpi.value`` with its name as feature.

    Parameters
    ----------
    table
        The rows of the window, as the prediction log gives them; requests that failed are among them.
    text
        Its formula.
    each_is
        How many rows of the window each of these stands for: counts and sums are as many times larger.

    Raises
    ------
    InvalidInput
        When the text is no formula.
    """
    formula = parse(text)
    parts = [_scaled(of_call(table, each), each, each_is) for each in formula.calls]
    n = min(each.n for each in parts)
    found = parts[0] if _is_one_call(formula) else Value(_total(formula, parts), n)
    status, value = MeasurementStatus.OK, found.value
    if n < LEAST and not _is_total(formula):
        status, found, value = MeasurementStatus.TOO_FEW, Value(None, n), None
    elif value is None or not np.isfinite(value):
        status, value = MeasurementStatus.NOT_ESTIMABLE, None
    return WindowMetric(
        start, end, "kpi.value", value, n, name, segment, lo=found.lo, hi=found.hi, status=status,
        method=found.method,
    )  # fmt: skip


def _scaled(value: Value, call: Call, each_is: float) -> Value:
    """Return a count or a sum of a sample as that of all rows."""
    if each_is == 1 or call.name not in ("count", "sum") or value.value is None:
        return value
    return value._replace(value=value.value * each_is, method=f"{value.method} of a sample, scaled")


def of_call(table: pa.Table, call: Call) -> Value:
    """Return one figure of a formula; rows that lack a column it asks for do not count."""
    where, _ = _holds(table, call.where)
    if call.name == "count":
        hits, _ = _holds(table, call.counted)
        return Value(float(hits.sum()), int(hits.sum()), method="count")
    if call.name == "share":
        hits, told = _holds(table, call.counted)
        n = int((where & told).sum())
        if not n:
            return Value(None, 0)
        share = wilson(int((where & hits).sum()), n)
        return Value(share.value, n, share.lo, share.hi, share.method)
    values = numbers(table, call.column)
    values = values[where & np.isfinite(values)]
    return _of_values(call.name, values)


def _of_values(name: str, values: Floats) -> Value:
    n = len(values)
    if not n:
        return Value(0.0 if name == "sum" else None, 0)
    value = float(_OF_VALUES[name](values))
    if name == "mean" and n > 1:
        its = mean_t(values)
        return Value(value, n, its.lo, its.hi, its.method)
    if name == "median":
        _, lo, hi = median(values)
        return Value(value, n, lo, hi, "order-statistics")
    return Value(value, n, method=name)


def _holds(table: pa.Table, condition: Condition) -> tuple[Truths, Truths]:
    """Return for each row whether a condition holds, and whether that is known; shapes (n,)."""
    hits = np.ones(table.num_rows, dtype=bool)
    told = np.ones(table.num_rows, dtype=bool)
    for each in condition:
        its, has = _compared(table, each)
        hits, told = hits & its, told & has
    return hits & told, told


def _compared(table: pa.Table, each: Comparison) -> tuple[Truths, Truths]:
    sign = _SIGNS[each.sign]
    if isinstance(each.value, str):
        held = labels(table, each.column)
        return sign(held, label(each.value)), known(held)
    values = numbers(table, each.column)
    return sign(values, each.value), ~np.isnan(values)


def _is_total(formula: Formula) -> bool:
    """Tell whether a formula only counts and adds up, for which no number of rows is too few."""
    divides = any(
        step == "/" and isinstance(term, Call)
        for _, terms in formula.products
        for step, term in terms
    )
    return not divides and all(each.name in ("count", "sum") for each in formula.calls)


def _is_one_call(formula: Formula) -> bool:
    return len(formula.calls) == 1 and sum(len(terms) for _, terms in formula.products) == 1


def _total(formula: Formula, parts: list[Value]) -> float | None:
    """Return the sum of products; None where a part is unknown, or a divisor 0."""
    given, total = iter(parts), 0.0
    for sign, terms in formula.products:
        product = 1.0
        for step, term in terms:
            value = next(given).value if isinstance(term, Call) else term
            if value is None or (step == "/" and value == 0):
                return None
            product = product / value if step == "/" else product * value
        total += -product if sign == "-" else product
    return total
