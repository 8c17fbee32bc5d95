"""The nouns of a stream from real rows."""

from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
KIND = "feed"
TAG = "countersign.replay"
FOLDER, ROWS, PLAN = "replay", "predictions.parquet", "replay.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of a stream are told.

    Attributes
    ----------
    note
        What a person must know of them; ``{days}`` is by how many days their dates were shifted.
    source
        Who says what turned out to be true.
    history_until
        The last of their own days that is told at once, as if it were yesterday; each later day
        follows a day later. None: they keep their own dates.
    """

    note: str
    source: str
    history_until: date | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The own days of a stream, all of them inclusive.

    Attributes
    ----------
    first, last
        Of its predictions.
    last_outcome
        When the last outcome came in; ``last`` or later.
    """

    first: date
    last: date
    last_outcome: date


@dataclass(frozen=True, slots=True)
class Feed:
    """How far the stream of one model is told.

    Attributes
    ----------
    shift_days
        By how many days its dates were shifted; decided once, when it began.
    first, last, last_outcome
        As in :class:`Span`, shifted.
    told_until
        The last day told; None before the first.
    """

    model: str
    shift_days: int
    first: date
    last: date
    last_outcome: date
    note: str
    told_until: date | None = None

    @property
    def days_left(self) -> int:
        """Return how many days of predictions are still to come; 0 when it is used up."""
        return max(0, (self.last - (self.told_until or self.first - DAY)).days)
