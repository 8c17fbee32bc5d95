"""Files of rows by column: of a Parquet file one column is in memory at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

from services.facts.drift.comparison import Columns
from services.kernel.error import InvalidInput


class ParquetColumns:
    """A Parquet file whose columns are read when they are asked for.

    Raises
    ------
    InvalidInput
        When it is not there or cannot be read; also of a column.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        with _readable(place):
            self._file = parquet.ParquetFile(place)
        self.schema = self._file.schema_arrow

    def column(self, name: str, /) -> pa.ChunkedArray:
        """Return the values of a column."""
        with _readable(self._place):
            return self._file.read([name]).column(name)


def opened(place: str) -> Columns:
    """Return a file by column.

    Raises
    ------
    InvalidInput
        When it is not there, has another ending, or cannot be read.
    """
    kind = Path(place).suffix.lower()
    if kind == ".parquet":
        return ParquetColumns(place)
    if kind != ".csv":
        raise InvalidInput(f"{place} is neither .parquet nor .csv.")
    with _readable(place):
        return csv.read_csv(place)


@contextmanager
def _readable(place: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidInput(f"{place} is not there.") from error
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(f"{place} cannot be read: {str(error)[:200]}") from error
