"""The nouns of how busy hardware was."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Source(StrEnum):
    """Who said how busy it was."""

    SYSTEM_METRICS = "system_metrics"
    SAMPLER = "sampler"
    NOBODY = "nobody"


class Finding(StrEnum):
    """What is to be said of a run."""

    IDLE = "idle"
    CPU_BOUND = "cpu_bound"
    OVER_SIZED = "over_sized"


@dataclass(frozen=True, slots=True)
class Track:
    """The samples of one metric, oldest first.

    Attributes
    ----------
    at
        Seconds since 1970, strictly increasing.
    values
        As many; each is the mean of the time since the sample before it.
    """

    at: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time during which a value is known.

    Attributes
    ----------
    start, end
        Seconds since 1970, half open.
    """

    start: float
    end: float
    value: float

    @property
    def seconds(self) -> float:
        """Return how long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Weighed:
    """A metric over a run, weighed by time.

    Attributes
    ----------
    mean, p50, p95, peak
        In the unit of the metric.
    seconds
        How much of the run was sampled; what is missing is unknown and in no number.
    """

    mean: float
    p50: float
    p95: float
    peak: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU as a run's samples tell of it.

    Attributes
    ----------
    name
        Its number, behind the name of its node where there are several: ``0``, ``node-1/0``.
    busy
        Share of the time in which some kernel ran, in [0, 1]; None where it was never sampled.
    idle_seconds
        Sampled time with less than a twentieth of it busy.
    starved_seconds
        Sampled time in which the GPU waited while the processors had much to do.
    compared_seconds
        Sampled time in which both the GPU and the processors are known.
    memory_peak
        Largest share of its memory in use, in [0, 1].
    memory_gb
        How large its memory is.
    kwh
        Energy of the sampled time.
    """

    name: str
    busy: Weighed | None
    idle_seconds: float = 0.0
    starved_seconds: float = 0.0
    compared_seconds: float = 0.0
    memory_peak: float | None = None
    memory_gb: float | None = None
    watts: float | None = None
    kwh: float | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The run that is looked at.

    Attributes
    ----------
    model
        Whose run it is; empty where nobody knows.
    declared_gpus, gpu_type
        As tags or a recipe say; None and empty where they do not.
    ended_at
        None while it runs.
    checkpoint_hours
        How often it keeps its work; None where nobody says that it does.
    """

    run_id: str
    model: str
    experiment_id: str
    name: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    declared_gpus: int | None = None
    gpu_type: str = ""
    ticket_id: str = ""
    checkpoint_hours: float | None = None


@dataclass(frozen=True, slots=True)
class RunUse:
    """How busy the hardware of one run was.

    Attributes
    ----------
    until
        Until when the run was looked at: its end, or the last look.
    gpus
        How many it held; None where neither samples nor declarations say.
    gpu_hours
        GPUs times the run's hours; None where the number of GPUs is unknown.
    known_hours
        GPU hours that were sampled.
    idle_hours
        Of these, how many the GPU was idle.
    starved_share
        Share of the compared time in which the GPU waited for busy processors.
    busy, busy_p95
        Share of the sampled time in which a kernel ran; the 95th percentile of the busiest GPU.
    memory_peak
        Largest share of a GPU's memory in use.
    cpu
        Mean share of the processors in use.
    kwh
        Energy of the GPUs over the sampled time; None where no power was sampled.
    smaller
        Types of GPU, as the price catalogue calls them, in which the run would have fitted.
    """

    facts: RunFacts
    source: Source
    until: datetime
    gpus: int | None = None
    gpu_hours: float | None = None
    known_hours: float = 0.0
    idle_hours: float | None = None
    starved_share: float | None = None
    busy: float | None = None
    busy_p50: float | None = None
    busy_p95: float | None = None
    memory_peak: float | None = None
    memory_gb: float | None = None
    cpu: float | None = None
    kwh: float | None = None
    findings: tuple[Finding, ...] = ()
    smaller: tuple[str, ...] = ()

    @property
    def hours(self) -> float:
        """Return how long the run took, or takes until now; a clock that ran backwards is no time."""
        return max(0.0, (self.until - self.facts.started_at) / timedelta(hours=1))

    @property
    def is_known(self) -> bool:
        """Tell whether anybody sampled a GPU."""
        return self.source is not Source.NOBODY and self.known_hours > 0

    @property
    def coverage(self) -> float | None:
        """Return the share of the GPU hours that was sampled; None where these are unknown."""
        return min(1.0, self.known_hours / self.gpu_hours) if self.gpu_hours else None


@dataclass(frozen=True, slots=True)
class Audited:
    """What the runs of a period come to.

    Attributes
    ----------
    runs
        All that were looked at.
    known
        Of these, how many had a GPU that somebody sampled.
    blind
        How many held a GPU of which nobody knows how busy it was.
    gpu_hours, known_hours, idle_hours
        Held, sampled, and sampled idle.
    """

    runs: int
    known: int
    blind: int
    gpu_hours: float
    known_hours: float
    idle_hours: float
