"""Files of rows by column: of a Parquet file one column is in memory at a time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath

import pyarrow as pa
from pyarrow import csv, parquet

from services.facts.drift.comparison import Columns
from services.facts.prediction.fsspec_adapter import opened as anywhere
from services.kernel.error import InvalidInput


class ParquetColumns:
    """A Parquet file, here or at an address, whose columns are read when they are asked for.

    Raises
    ------
    InvalidInput
        When it is not there or cannot be read; also of a column.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        with ExitStack() as held:
            source = held.enter_context(anywhere(place)) if _is_address(place) else place
            with _readable(place):
                self._file = parquet.ParquetFile(source)
            self._held = (
                held.pop_all()
            )  # an address stays open as long as its columns are asked for
        self.schema = self._file.schema_arrow

    def column(self, name: str, /) -> pa.ChunkedArray:
        """Return the values of a column."""
        with _readable(self._place):
            return self._file.read([name]).column(name)


def opened(place: str) -> Columns:
    """Return a file by column; of this machine, or of any address that fsspec opens.

    Raises
    ------
    InvalidInput
        When it is not there, has another ending, or cannot be read.
    """
    kind = PurePosixPath(place).suffix.lower()
    if kind == ".parquet":
        return ParquetColumns(place)
    if kind != ".csv":
        raise InvalidInput(f"{place} is neither .parquet nor .csv.")
    if not _is_address(place):
        with _readable(place):
            return csv.read_csv(place)
    with anywhere(place) as file, _readable(place):
        return csv.read_csv(file)


def _is_address(place: str) -> bool:
    return "://" in place


@contextmanager
def _readable(place: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidInput(f"{place} is not there.") from error
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(f"{place} cannot be read: {str(error)[:200]}") from error
