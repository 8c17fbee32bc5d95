"""Rows as typed columns: the same types whether rows come from the journal, from files, or from both."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from services.facts.evidence.types import parse_segment
from services.kernel.error import InvalidInput

compute: Any = pyarrow.compute  # its functions exist only once it is loaded
INSTANT = pa.timestamp("us", "UTC")
FIXED: dict[str, pa.DataType] = {
    "prediction_id": pa.string(),
    "version": pa.int64(),
    "environment": pa.string(),
    "arm": pa.string(),
    "at": INSTANT,
    "received_at": INSTANT,
    "caller_hash": pa.string(),
    "subject_hash": pa.string(),
    "status": pa.string(),
    "error_type": pa.string(),
    "latency_ms": pa.float64(),
    "score": pa.float64(),
    "scores": pa.list_(pa.float64()),
    "threshold": pa.float64(),
    "decision": pa.string(),
    "decided_by": pa.string(),
    "overridden": pa.bool_(),
    "input_sha256": pa.string(),
    "explanation_sha256": pa.string(),
    "source": pa.string(),
}
OUTCOME = ("outcome", "outcome_at", "outcome_received_at")


def table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return rows as a table; a column that a row lacks is null there.

    Notes
    -----
    A column of JSON values is boolean, integer, float or text when all its values are; integers and
    floats together are floats; any other mixture is text. A column without any value has Arrow's
    null type, and takes every other type when tables are put together.
    """
    held = list(rows)
    names = dict.fromkeys(name for row in held for name in row)
    return pa.table({name: _column(name, [row.get(name) for row in held]) for name in names})


def gathered(rows: Iterable[Mapping[str, Any]], at_once: int = 20_000) -> pa.Table:
    """Return rows as :func:`table` does, without holding all of them as objects."""
    source, parts = iter(rows), list[pa.Table]()
    while part := list(islice(source, at_once)):
        parts.append(table(part))
    return together(parts)


def _column(name: str, values: list[Any]) -> pa.Array:
    fixed = FIXED.get(name)
    if fixed == INSTANT:
        return pa.array(values, pa.string()).cast(INSTANT)
    if fixed is not None:
        return pa.array(values, fixed)
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pa.nulls(len(values))
    if kinds <= {int, float}:
        return _numbers(values, whole=kinds == {int})
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    return pa.array([word(each) for each in values], pa.string())


def _numbers(values: list[Any], *, whole: bool) -> pa.Array:
    if whole and all(v is None or -(2**63) <= v < 2**63 for v in values):
        return pa.array(values, pa.int64())
    return pa.array([None if v is None else float(v) for v in values], pa.float64())


def word(value: Any) -> str | None:
    """Return a value as text: 1 and 1.0 are the same word, a missing value stays one."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def together(tables: Sequence[pa.Table]) -> pa.Table:
    """Return tables one below the other, each column in the type that holds all of its values."""
    kinds: dict[str, set[pa.DataType]] = {}
    for each in tables:
        for field in each.schema:
            kinds.setdefault(field.name, set()).add(field.type)
    types = {name: FIXED.get(name) or _joint(its) for name, its in kinds.items()}
    if not tables:
        return pa.table({})
    return pa.concat_tables([_cast(each, types) for each in tables], promote_options="default")


def _joint(kinds: set[pa.DataType]) -> pa.DataType:
    known = kinds - {pa.null()}
    if not known:
        return pa.null()
    if len(known) == 1:
        return known.pop()
    return pa.float64() if known == {pa.int64(), pa.float64()} else pa.string()


def _cast(held: pa.Table, types: Mapping[str, pa.DataType]) -> pa.Table:
    columns: dict[str, Any] = {}
    for field in held.schema:
        column, wanted = held.column(field.name), types[field.name]
        if field.type not in (wanted, pa.null()):
            column = _as(column, wanted)
        columns[field.name] = column
    return pa.table(columns)


def _as(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if wanted == pa.string():
        return pa.array([word(each) for each in column.to_pylist()], pa.string())
    return column.cast(wanted, safe=False)


def first_of(held: pa.Table) -> pa.Table:
    """Return one row for each prediction id, the first."""
    order = pa.array(np.arange(held.num_rows))
    firsts = (
        pa.table({"id": held.column("prediction_id"), "n": order})
        .group_by("id", use_threads=False)
        .aggregate([("n", "min")])
        .column("n_min")
    )
    return held if len(firsts) == held.num_rows else held.take(firsts)


def last_of(held: pa.Table) -> pa.Table:
    """Return one row for each prediction id, the one received last; rows stand as they arrived."""
    order = compute.sort_indices(
        pa.table({"at": held.column("received_at"), "n": np.arange(held.num_rows)}),
        sort_keys=[("at", "descending"), ("n", "descending")],
    )
    return first_of(held.take(order))


def about(held: pa.Table, predictions: pa.Table) -> pa.Table:
    """Return the rows about some predictions."""
    ids = predictions.column("prediction_id").combine_chunks()
    return held.filter(compute.is_in(held.column("prediction_id"), ids))


def labelled(predictions: pa.Table, outcomes: pa.Table) -> pa.Table:
    """Return predictions with the outcome that was received last, null where none is known.

    Parameters
    ----------
    outcomes
        In the order in which they arrived; of two received at the same instant the later one counts.
    """
    n = predictions.num_rows
    if not outcomes.num_rows:
        kinds = (pa.float64(), INSTANT, INSTANT)
        known = dict(zip(OUTCOME, (pa.nulls(n, kind) for kind in kinds), strict=True))
    else:
        newest = last_of(outcomes)
        place = compute.index_in(
            predictions.column("prediction_id"), newest.column("prediction_id").combine_chunks()
        )
        columns = ("outcome", "at", "received_at")
        known = {
            name: newest.column(its).take(place) for name, its in zip(OUTCOME, columns, strict=True)
        }
    for name, column in known.items():
        predictions = predictions.append_column(name, column)
    return predictions


def until(held: pa.Table, as_of: datetime | None) -> pa.Table:
    """Return the rows received until an instant; None: all of them."""
    if as_of is None or not held.num_rows:
        return held
    bound = pa.scalar(as_of, INSTANT)
    return held.filter(compute.less_equal(held.column("received_at"), bound))


def of_version(held: pa.Table, version: int | None) -> pa.Table:
    """Return the rows that a version answered; None: all of them."""
    if version is None or not held.num_rows:
        return held
    return held.filter(compute.equal(held.column("version"), version))


def within(held: pa.Table, segment: str) -> pa.Table:
    """Return the rows of a segment as evidence names it, ``carrier=UA``; all rows for an empty one.

    Raises
    ------
    InvalidInput
        When no row has such a column.
    """
    for name, wanted in parse_segment(segment).items():
        column = next((c for c in (name, f"s_{name}", f"f_{name}") if c in held.schema.names), None)
        if column is None:
            if not held.num_rows:
                return held
            raise InvalidInput(f"No row has {name!r}.")
        mask = [word(each) == wanted for each in held.column(column).to_pylist()]
        held = held.filter(pa.array(mask, pa.bool_()))
    return held


def drawn(held: pa.Table, n: int, seed: int) -> pa.Table:
    """Return n rows drawn by a digest of seed and id, which needs no order; all where there are fewer."""
    if held.num_rows <= n:
        return held
    ids = held.column("prediction_id").to_pylist()
    marks = [hashlib.blake2b(f"{seed} {each}".encode(), digest_size=8).digest() for each in ids]
    return held.take(compute.sort_indices(pa.array(marks))[:n])


def settled(held: pa.Table) -> pa.Table:
    """Return a table by time and id, with columns that never had a value as floats."""
    ordered = held.sort_by([("at", "ascending"), ("prediction_id", "ascending")])
    for place, field in enumerate(ordered.schema):
        if field.type == pa.null():
            ordered = ordered.set_column(place, field.name, pa.nulls(len(ordered), pa.float64()))
    return ordered
