"""Files of costs, CSV or Parquet, read a piece at a time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import pyarrow as pa
from pyarrow import csv, parquet

from services.kernel.error import InvalidInput

PIECE = 50_000


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns a form has.

    Attributes
    ----------
    form
        Its name, for sentences.
    needed, used
        Columns that every file of it has, and those that are read where they are there.
    """

    form: str
    needed: Sequence[str]
    used: Collection[str]


def batches(name: str, file: BinaryIO, layout: Layout) -> Iterator[pa.RecordBatch]:
    """Yield a file, some ten thousand rows at once; cells of CSV are texts, empty ones null.

    Parameters
    ----------
    name
        Its ending says the format: ``.parquet``, ``.csv`` or ``.csv.gz``.

    Raises
    ------
    InvalidInput
        When it is of another format, is cut off, or lacks a column that every file of the form has.
    """
    kind = "".join(PurePosixPath(name).suffixes[-2:]).lower()
    try:
        if kind.endswith(".parquet"):
            yield from _parquet(name, file, layout)
        elif kind.endswith((".csv", ".csv.gz")):
            yield from _csv(name, file, layout, packed=kind.endswith(".gz"))
        else:
            raise InvalidInput(f"{name} is neither .parquet nor .csv.")
    except (pa.ArrowException, OSError) as error:
        words = f"{name} cannot be read to its end; was it cut off? ({str(error)[:200]})"
        raise InvalidInput(words) from error


def _parquet(name: str, file: BinaryIO, layout: Layout) -> Iterator[pa.RecordBatch]:
    source = parquet.ParquetFile(file)
    used = _used(name, source.schema_arrow.names, layout)
    yield from source.iter_batches(batch_size=PIECE, columns=used)


def _csv(name: str, file: BinaryIO, layout: Layout, *, packed: bool) -> Iterator[pa.RecordBatch]:
    source = pa.CompressedInputStream(file, "gzip") if packed else file
    texts = csv.ConvertOptions(
        column_types=dict.fromkeys(layout.used, pa.string()),
        null_values=["", "NULL", "null"],
        strings_can_be_null=True,
    )
    lines = csv.ParseOptions(newlines_in_values=True)
    blocks = csv.ReadOptions(use_threads=True, block_size=8 << 20)
    with csv.open_csv(source, blocks, lines, texts) as reader:
        used = _used(name, reader.schema.names, layout)
        for batch in reader:
            chosen = batch.select(used)
            for start in range(0, batch.num_rows, PIECE):
                yield chosen.slice(start, PIECE)


def _used(name: str, columns: list[str], layout: Layout) -> list[str]:
    for needed in layout.needed:
        if needed not in columns:
            raise InvalidInput(f"{name} has no column {needed!r}, so it is no {layout.form} file.")
    return [each for each in columns if each in layout.used]
