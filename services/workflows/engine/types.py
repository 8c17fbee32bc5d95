"""The port of an engine: what is handed over, what comes back, what every adapter must do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from services.workflows.engine.key import AttemptKey

MARK = "::countersign::"
"""Begins a line of the log in which a script reports: the rest of the line is JSON."""
STOPPED = 143
"""The exit code of a script that wrote its checkpoint when it was asked to stop."""


class EngineState(StrEnum):
    """Where an attempt stands on its engine. *Unknown* is no failure: nobody could tell."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIME_LIMIT = "time_limit"
    LOST = "lost"
    UNKNOWN = "unknown"

    @property
    def is_over(self) -> bool:
        """Tell whether nothing of it runs any more, for certain."""
        return self not in (EngineState.PENDING, EngineState.RUNNING, EngineState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Resources:
    """What an attempt may use.

    Attributes
    ----------
    gpu_type
        As the price catalogue and the engine name it; empty for any.
    seconds
        Of wall-clock time; then it is asked to stop.
    spot
        Whether a machine that may be taken away will do.
    """

    cpus: float = 1.0
    memory_gb: float = 4.0
    gpus: int = 0
    gpu_type: str = ""
    seconds: int = 3600
    spot: bool = False


@dataclass(frozen=True)
class AttemptSpec:
    """One attempt at a job, complete: an engine needs to know nothing else.

    Attributes
    ----------
    attempt_id
        What makes submitting idempotent: the same one twice is the same attempt.
    job_id
        The ticket; its attempts share ``folder``, and so the checkpoint.
    command
        Program and arguments; run in ``folder / "code"``.
    folder
        ``code/ data/ out/`` and ``checkpoint``: given to the script as ``COUNTERSIGN_JOB_DIR``.
    environment
        Variables beside those of ``order.contract``; nothing else of ours is inherited.
    grace_seconds
        Between being asked to stop (``stop_signal``) and being stopped (SIGKILL).
    log_limit
        Bytes of the log that are kept; more ends the attempt.
    """

    attempt_id: str
    job_id: str
    number: int
    command: tuple[str, ...]
    folder: Path
    resources: Resources = Resources()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    image: str = ""
    grace_seconds: float = 10.0
    log_limit: int = 64 * 1024 * 1024
    checkpoint: str = "checkpoint"
    stop_signal: str = "SIGTERM"


@dataclass(frozen=True, slots=True)
class Handle:
    """How an engine finds an attempt again; stored as text with the attempt."""

    engine: str
    attempt_id: str
    ref: str


@dataclass(frozen=True, slots=True)
class GpuUse:
    """One GPU as it was seen last; only ever what a GPU said of itself.

    Attributes
    ----------
    busy
        Share of the last sampling interval with a kernel running, in [0, 1].
    """

    index: int
    name: str
    busy: float
    memory_mb: float
    memory_total_mb: float
    power_watts: float | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What an attempt used until ``at``; None where the engine does not say.

    Attributes
    ----------
    gpu_seconds
        Allocated GPUs × wall seconds.
    gpu_busy_share
        Mean over GPUs and samples, in [0, 1].
    gpu_idle_share
        Share of the samples of all GPUs with less than a twentieth of the time busy.
    gpu_memory_peak
        Largest share of a GPU's memory that was seen in use.
    gpu_idle_since
        Since when every allocated GPU was idle (below a fifth); None while one is busy or unknown.
    """

    at: datetime
    wall_seconds: float
    cpu_seconds: float | None = None
    peak_memory_mb: float | None = None
    gpu_seconds: float | None = None
    gpu_busy_share: float | None = None
    gpu_idle_since: datetime | None = None
    gpus: tuple[GpuUse, ...] = ()
    gpu_idle_share: float | None = None
    gpu_memory_peak: float | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """Where an attempt stands.

    Attributes
    ----------
    reason
        One sentence for people; empty while all is well.
    preempted
        Whether the engine took the machine away (spot); then another attempt may resume.
    """

    state: EngineState
    reason: str = ""
    exit_code: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    usage: Usage | None = None
    preempted: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine has and can do.

    Attributes
    ----------
    gpus
        How many there are in all; None when only the cluster knows.
    most_at_once
        Attempts beside each other; None for as many as resources allow.
    stops_pending
        Whether what waits can be cancelled for certain.
    limits_time
        Whether the engine itself ends an attempt at its time limit.
    runs_images
        Whether it runs container images.
    has_spot
        Whether it has machines that may be taken away, apart from those that stay.
    """

    gpus: int | None
    gpu_type: str
    most_at_once: int | None
    stops_pending: bool
    limits_time: bool
    runs_images: bool = False
    has_spot: bool = False


class Engine(Protocol):
    """Runs attempts.

    Every call has a time-out of its own; a time-out is ``SourceUnavailable`` from ``submit``, ``logs``
    and ``cancel`` and the state *unknown* from ``poll``, never a failure of the attempt.
    """

    @property
    def name(self) -> str:
        """Return what it is called: ``local``, or as an operator named it."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """Return what it has and can do."""
        ...

    def submit(self, spec: AttemptSpec) -> Handle:
        """Start an attempt; the same ``attempt_id`` again starts nothing and returns the same handle.

        Raises
        ------
        InvalidInput
            When the engine can never run it: more GPUs than there are, an image it cannot run.
        SourceUnavailable
            When nobody can tell; submit it again.
        """
        ...

    def find(self, key: AttemptKey) -> Handle | None:
        """Return the handle of an attempt that may have been submitted; None when it never was.

        Raises
        ------
        SourceUnavailable
            When nobody can tell; ask again.
        """
        ...

    def poll(self, handle: Handle) -> Status:
        """Return where an attempt stands."""
        ...

    def logs(self, handle: Handle, offset: int, limit: int = 65536) -> tuple[bytes, int]:
        """Return what was printed from a byte on, and where to go on."""
        ...

    def cancel(self, handle: Handle, reason: str) -> None:
        """Ask an attempt to stop: SIGTERM, the grace, SIGKILL; of one that is over, nothing."""
        ...
