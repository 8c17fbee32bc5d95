"""The nouns of scoring."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from services.kernel.error import InsufficientEvidence


class SandboxLevel(StrEnum):
    """How strongly a loaded model is held.

    ``S1``: no network, no new processes, no files but its own, limits, an empty environment. ``S0``:
    limits and an empty environment only.
    """

    S1 = "S1"
    S0 = "S0"


class Limit(StrEnum):
    """What stopped a model."""

    TIME = "time"
    MEMORY = "memory"
    PROCESSES = "processes"
    NETWORK = "network"
    FILES = "files"
    ENVIRONMENT = "environment"
    REFUSED = "refused"
    CRASHED = "crashed"
    CANCELLED = "cancelled"


class LimitExceeded(InsufficientEvidence):
    """The model was stopped; nothing was measured.

    Attributes
    ----------
    limit
        What stopped it.
    """

    def __init__(self, limit: Limit, words: str) -> None:
        super().__init__(words, limit=limit.value)
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Limits:
    """What a model may use.

    Attributes
    ----------
    seconds
        Of wall-clock time.
    memory_mb, file_mb
        Of address space, and of one file, in mebibytes.
    """

    seconds: float = 120.0
    memory_mb: int = 4096
    file_mb: int = 256


@dataclass(frozen=True)
class Scores:
    """A model's answers.

    Attributes
    ----------
    outputs
        (n,) predictions, or (n, k) probabilities.
    classes
        (k,) in the order of the columns; empty for a regression.
    latency_ms
        Processor time of an answer to one row, on one thread; None where nobody timed.
    """

    outputs: npt.NDArray[np.float64]
    classes: tuple[Any, ...]
    libraries: tuple[tuple[str, str], ...]
    latency_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Flavour:
    """How a model was saved, read from its MLmodel without running anything.

    Attributes
    ----------
    loader
        ``sklearn`` or ``pyfunc``.
    file
        The file a native loader reads, relative to the model.
    format
        ``skops``, ``cloudpickle``, ``pickle`` or empty.
    runs_code
        Whether loading it runs code that came with it.
    """

    loader: str
    file: str
    format: str
    runs_code: bool
