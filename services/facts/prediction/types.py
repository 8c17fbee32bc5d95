"""What goes into the prediction log, and what the door answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from services.kernel.error import SourceUnavailable


class Stream(StrEnum):
    """The kinds of rows a caller sends: what was said, what was true, and about whom."""

    PREDICTIONS = "predictions"
    OUTCOMES = "outcomes"
    PROTECTED = "protected"


@dataclass(frozen=True)
class Row:
    """A row that may be stored.

    Attributes
    ----------
    prediction_id
        The caller's own id; for an outcome, the prediction it is about.
    at
        When the model answered, or when the outcome became true.
    body
        All columns, JSON values; a missing number is None, never NaN.
    """

    prediction_id: str
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Custody:
    """How the rows of one model are kept.

    Attributes
    ----------
    dropped, hashed
        Columns that are not stored, or only as their keyed digest; as the sender calls them, or as
        the log does: ``email`` wherever it is sent, ``f_email`` as a feature alone.
    caller_limit
        Rows that one caller may send about one day before it is a finding; None for any number.
    keep_days
        After how many days rows are deleted; None for never.
    """

    dropped: frozenset[str] = frozenset()
    hashed: frozenset[str] = frozenset()
    caller_limit: int | None = None
    keep_days: int | None = None


FREE = Custody()


@dataclass(frozen=True)
class Rejection:
    """A row that was not stored.

    Attributes
    ----------
    row
        Its position in the batch, from 0.
    reason
        One sentence that says what to correct.
    """

    row: int
    reason: str


@dataclass(frozen=True)
class Kept:
    """What a segment did with the rows of a batch.

    Attributes
    ----------
    accepted
        Rows that were not there before.
    duplicates
        Rows that were there before; the first one stays.
    contradicting
        Those duplicates that say something new about a known id; they are kept aside.
    """

    accepted: int = 0
    duplicates: int = 0
    contradicting: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        """Return both together."""
        return Kept(
            self.accepted + other.accepted,
            self.duplicates + other.duplicates,
            self.contradicting + other.contradicting,
        )


@dataclass(frozen=True)
class Receipt:
    """The answer to a batch: every row of it is in exactly one of the three."""

    accepted: int
    duplicates: int
    rejected: tuple[Rejection, ...]


@dataclass(frozen=True)
class Reception:
    """What is known when the rows of one day come in.

    Attributes
    ----------
    over
        Whether that day is over.
    versions
        That exist of the model; None where nobody looked.
    caller_limit
        Rows that one caller may send about one day; None for any number.
    """

    received_at: datetime
    over: bool = False
    versions: frozenset[int] | None = None
    caller_limit: int | None = None

    def knows(self, version: int | None) -> bool:
        """Tell whether a version exists, as far as anybody looked."""
        return version is None or self.versions is None or version in self.versions


@dataclass(frozen=True)
class DayCount:
    """How many rows one day holds.

    Attributes
    ----------
    contradicting
        Rows sent again with other content; a finding, because only the first one counts.
    findings
        What is to be looked at, counted by name; 0 is left out. ``contradicting``;
        ``unknown_version``: rows of a version that does not exist; ``late``: rows that came in after
        their day was written into files; ``orphan``: outcomes without a prediction;
        ``caller_over_limit``: rows beyond what one caller may send; ``schema_drift``: columns that
        came, went, or hold several kinds of values, compared with the day before.
    """

    day: date
    rows: int
    contradicting: int
    first_at: datetime | None
    last_at: datetime | None
    findings: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class DayTally:
    """How much there is of one day of predictions.

    Attributes
    ----------
    labelled
        Predictions of which an outcome is known.
    stamp
        Another one when predictions or outcomes of this day came in.
    """

    day: date
    rows: int
    labelled: int
    stamp: str

    @classmethod
    def of(cls, day: date, held: Mapping[str, int]) -> Self:
        """Return what the counters of a day's segment say."""
        stamp = f"{held['rows']}.{held['outcomes']}.{held['protected']}"
        return cls(day, held["rows"], held["labelled"], stamp)


@dataclass(frozen=True, slots=True)
class LogFile:
    """One Parquet file of the log.

    Attributes
    ----------
    sha256, rows_sha256
        Of its bytes; of the rows as they were received.
    path
        From the folder of the log.
    first_at, last_at
        The first and the last ``at`` of its rows.
    """

    sha256: str
    model: str
    stream: Stream
    day: date
    path: str
    rows: int
    bytes: int
    rows_sha256: str
    first_at: datetime
    last_at: datetime


class TooFast(SourceUnavailable):
    """A caller sends more than it may, or more than can be written; nothing was stored.

    Parameters
    ----------
    seconds
        When to try again.
    """

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
