"""Files of costs, CSV or Parquet, read a piece at a time."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import csv, parquet

from services.facts.cost import focus
from services.kernel.error import InvalidInput

PIECE = 20_000


def rows(name: str, file: BinaryIO) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a FOCUS file, some thousands at once; cells of CSV are texts, empty ones None.

    Parameters
    ----------
    name
        Its ending says the format: ``.parquet``, ``.csv`` or ``.csv.gz``.

    Raises
    ------
    InvalidInput
        When it is of another format, is cut off, or lacks a column that every FOCUS file has.
    """
    kind = "".join(PurePosixPath(name).suffixes[-2:]).lower()
    try:
        if kind.endswith(".parquet"):
            yield from _parquet(name, file)
        elif kind.endswith((".csv", ".csv.gz")):
            yield from _csv(name, file, packed=kind.endswith(".gz"))
        else:
            raise InvalidInput(f"{name} is neither .parquet nor .csv.")
    except (pa.ArrowException, OSError) as error:
        words = f"{name} cannot be read to its end; was it cut off? ({str(error)[:200]})"
        raise InvalidInput(words) from error


def _parquet(name: str, file: BinaryIO) -> Iterator[list[dict[str, Any]]]:
    source = parquet.ParquetFile(file)
    used = _used(name, source.schema_arrow.names)
    for batch in source.iter_batches(batch_size=PIECE, columns=used):
        yield batch.to_pylist()


def _csv(name: str, file: BinaryIO, *, packed: bool) -> Iterator[list[dict[str, Any]]]:
    source = pa.CompressedInputStream(file, "gzip") if packed else file
    texts = csv.ConvertOptions(
        column_types=dict.fromkeys(focus.USED, pa.string()),
        null_values=["", "NULL", "null"],
        strings_can_be_null=True,
    )
    layout = csv.ParseOptions(newlines_in_values=True)
    blocks = csv.ReadOptions(use_threads=False, block_size=16 << 20)
    with csv.open_csv(source, blocks, layout, texts) as reader:
        used = _used(name, reader.schema.names)
        for batch in reader:
            chosen = batch.select(used)
            for start in range(0, batch.num_rows, PIECE):
                yield chosen.slice(start, PIECE).to_pylist()


def _used(name: str, columns: list[str]) -> list[str]:
    for needed in focus.NEEDED:
        if needed not in columns:
            raise InvalidInput(f"{name} has no column {needed!r}, so it is no FOCUS file.")
    return [each for each in columns if each in focus.USED]
