"""The nouns of training data: where rows come from, which of them, and what they turned out to be."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import pyarrow as pa


class WindowKind(StrEnum):
    """Which rows of the source a training takes."""

    ALL = "all"
    ROLLING = "rolling"
    SAMPLED = "sampled"


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows: all, the last ``days`` by ``time`` column, or ``rows`` drawn with ``seed``.

    Attributes
    ----------
    days
        Of ``uri`` alone, back from its newest row; the rows of ``plus`` are always there.
    until
        Only rows before it, by ``time`` column; what a holdout was cut from begins there. None: no end.
    """

    kind: WindowKind = WindowKind.ALL
    days: int | None = None
    rows: int | None = None
    seed: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where the training rows come from.

    Attributes
    ----------
    uri
        Parquet or CSV at any fsspec address, ``sql+…`` with ``query``, ``delta+…``, or
        ``predictions:`` for rows of the prediction log whose outcomes arrived.
    plus
        More addresses, whose rows stand before those of ``uri``; of the same columns.
    snapshot
        SHA-256 that the rows must have; None to take what there is, as fresh as ``max_age_days`` says.
    columns
        What is read beside target, time and id; empty for all there is.
    checks
        Expectations beside those drafted from the signature: ``complete:COLUMN``,
        ``between:COLUMN:LO:HI``, ``rows:LEAST``.
    """

    uri: str
    target: str
    plus: tuple[str, ...] = ()
    query: str = ""
    snapshot: str | None = None
    window: Window = Window()
    time: str = ""
    id: str = ""
    columns: tuple[str, ...] = ()
    max_age_days: int | None = None
    checks: tuple[str, ...] = ()

    @property
    def uris(self) -> tuple[str, ...]:
        """Return every address, in the order of its rows."""
        return (*self.plus, self.uri)


@dataclass(frozen=True)
class Snapshot:
    """The rows that a training takes.

    Attributes
    ----------
    table
        (n, k) by column, rows in the order as given.
    sha256
        Of the whole content, see ``hashing.digest``; the same rows in another file have the same.
    first_at, last_at
        By the time column; None where there is none.
    left_out
        Rows of the source without a target; they are not in the table.
    """

    source: Source
    table: pa.Table
    sha256: str
    first_at: datetime | None = None
    last_at: datetime | None = None
    left_out: int = 0

    @property
    def rows(self) -> int:
        """Return how many there are."""
        return self.table.num_rows

    @property
    def features(self) -> tuple[str, ...]:
        """Return the columns that a model may learn from: all but target, time and id."""
        others = {self.source.target, self.source.time, self.source.id}
        return tuple(name for name in self.table.column_names if name not in others)


@dataclass(frozen=True, slots=True)
class Checks:
    """What was seen of a snapshot before anything was spent on it.

    Attributes
    ----------
    refused
        One sentence for each thing that stops the ticket; empty when none does.
    warnings
        One sentence for each thing that people should know of and that stops nothing.
    report
        JSON with the counts, to be archived.
    """

    refused: tuple[str, ...]
    warnings: tuple[str, ...]
    report: dict[str, Any] = field(default_factory=dict[str, Any])
