"""Files of rows, Parquet or CSV, as the batches a caller would send."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import csv, parquet

from services.facts.prediction import rules
from services.facts.prediction.types import Rejection, Stream
from services.kernel.error import InvalidInput

BATCH = 1_000
_NESTED = {"f_": "features", "s_": "segments", "a_": "attributes"}


@dataclass(frozen=True)
class FileBatch:
    """Rows of a file.

    Attributes
    ----------
    first
        The position of the first row in the file, from 0; rows that were no rows are left out.
    broken
        Lines of a CSV file that have too many or too few cells, by their position in the file.
    """

    first: int
    rows: list[dict[str, Any]]
    broken: list[Rejection] = field(default_factory=list[Rejection])


def batches(name: str, file: BinaryIO, stream: Stream) -> Iterator[FileBatch]:
    """Yield the rows of a file, a thousand at once; columns are called as in the log.

    Parameters
    ----------
    name
        Its ending says the format: ``.parquet`` or ``.csv``.

    Raises
    ------
    InvalidInput
        When the file is of another format, is cut off, or has a column that the log has not; the
        sentence names it.
    """
    kind = PurePosixPath(name).suffix.lower()
    if kind not in {".parquet", ".csv"}:
        raise InvalidInput(f"{name} is neither .parquet nor .csv.")
    broken: list[Rejection] = []
    first = 0
    try:
        source = _parquet(file) if kind == ".parquet" else _csv(file, broken)
        for batch in source:
            _check(name, batch.schema.names, stream)
            yield FileBatch(first, [_row(each) for each in batch.to_pylist()])
            first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        words = f"{name} cannot be read to its end; was it cut off? ({str(error)[:200]})"
        raise InvalidInput(words) from error
    if broken:
        yield FileBatch(first, [], broken)


def _parquet(file: BinaryIO) -> Iterator[pa.RecordBatch]:
    yield from parquet.ParquetFile(file).iter_batches(batch_size=BATCH)


def _csv(file: BinaryIO, broken: list[Rejection]) -> Iterator[pa.RecordBatch]:
    def refused(row: Any) -> str:
        position = (row.number or 2) - 2  # the header is line 1
        words = f"the line has {row.actual_columns} cells; the header has {row.expected_columns}"
        broken.append(Rejection(position, words))
        return "skip"

    options: dict[str, Any] = {
        "read_options": csv.ReadOptions(use_threads=False),
        "parse_options": csv.ParseOptions(newlines_in_values=True, invalid_row_handler=refused),
        "convert_options": csv.ConvertOptions(
            column_types={"prediction_id": pa.string(), "at": pa.string()},
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    }
    with csv.open_csv(file, **options) as reader:
        for batch in reader:
            for start in range(0, batch.num_rows, BATCH):
                yield batch.slice(start, BATCH)


def _check(name: str, columns: list[str], stream: Stream) -> None:
    known = rules.columns(stream)
    for column in columns:
        if column not in known and column[:2] not in _NESTED:
            raise InvalidInput(
                f"{name}: the log has no column {column!r}; features are called f_…, segments s_…, "
                "protected attributes a_…."
            )
    for needed in ("prediction_id", "at"):
        if needed not in columns:
            raise InvalidInput(f"{name} has no column {needed!r}.")


def _row(held: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in held.items():
        inside = _NESTED.get(name[:2])
        if inside is not None:
            row.setdefault(inside, {})[name[2:]] = _plain(value)
        elif value is not None:
            row[name] = _plain(value)
    return row


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, bool | int | float | str | list | None) else str(value)


def lines(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as JSON lines."""
    return "\n".join(json.dumps(each) for each in rows).encode()
