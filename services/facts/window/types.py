"""The nouns of watching: a monitor, a window, a number about a window."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.facts.evidence.types import MeasurementStatus
from services.kernel.identity import ModelRef

CALENDAR = "moves with the calendar"
"""How the method of a distance ends whose feature changes with the time alone."""
WITHHELD = "by custody at the door"
"""How the method of a number ends whose column was dropped or digested before it could be measured."""


class Granularity(StrEnum):
    """How long a window is."""

    FIVE_MINUTES = "5min"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Watched:
    """One column that is watched.

    Attributes
    ----------
    name
        As the model calls it; ``score``, ``prediction`` and ``outcome`` are the model's own.
    column
        In the prediction log: ``f_age``, ``score``.
    kind
        ``number`` or ``category``.
    """

    name: str
    column: str
    kind: str


@dataclass(frozen=True, slots=True)
class Monitor:
    """What is watched of one version, and what it is compared with.

    Attributes
    ----------
    granularity
        The model's own rhythm.
    task
        classification, regression or multiclass.
    threshold
        From which score on a prediction is the favourable class; None where the log says it.
    favourable
        The outcome that counts as 1; None where the task has none.
    reference_sha256, reference_rows
        Of the evaluation set that the bins and the calibration were made from.
    segments
        Segment columns that are profiled by themselves; all others are asked on demand.
    note
        What a person must know about where the rows come from, such as that a stream is simulated.
    ended_at
        None while its version serves.
    """

    monitor_id: str
    ref: ModelRef
    granularity: Granularity
    task: str
    columns: tuple[Watched, ...]
    reference_sha256: str
    reference_rows: int
    made_at: datetime
    threshold: float | None = None
    favourable: int | str | None = None
    segments: tuple[str, ...] = ()
    note: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WindowMetric:
    """One number about one window.

    Attributes
    ----------
    start, end
        The window, half open, aware, in UTC.
    feature
        A watched name; empty for the whole window.
    segment
        Empty, or ``carrier=UA`` as evidence names segments.
    lo, hi
        Of a drift distance: certified bounds; of a rate: the 95 % interval; None where none is known.
    floor
        What chance alone gives in 19 of 20 windows of this size without any drift; None where unknown.
    n
        Rows behind it.
    coverage
        The share of the answered rows whose outcome is known, where it rests on outcomes; else None.
    """

    start: datetime
    end: datetime
    metric: str
    value: float | None
    n: int
    feature: str = ""
    segment: str = ""
    lo: float | None = None
    hi: float | None = None
    floor: float | None = None
    status: MeasurementStatus = MeasurementStatus.OK
    method: str = ""
    coverage: float | None = None

    @property
    def is_calendar(self) -> bool:
        """Tell whether this is the distance of a feature that changes with the time alone."""
        return self.method.endswith(CALENDAR)

    @property
    def is_withheld(self) -> bool:
        """Tell whether custody kept its values out, so that nobody can judge them."""
        return self.method.endswith(WITHHELD)


@dataclass(frozen=True, eq=False)
class StoredBinning:
    """A feature's frozen bins and its reference profile, as bytes of the drift room."""

    feature: str
    binning: bytes
    reference: bytes


@dataclass(frozen=True, eq=False)
class StoredProfile:
    """What one window holds of one feature, as bytes of the drift room."""

    start: datetime
    feature: str
    segment: str
    n: int
    profile: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """Which rows a window was measured from; another stamp means it must be measured again.

    Attributes
    ----------
    stamp
        Changes when rows or outcomes of the window come in.
    closed
        Whether the window was over when it was measured.
    """

    start: datetime
    end: datetime
    rows: int
    labelled: int
    stamp: str
    measured_at: datetime
    closed: bool
