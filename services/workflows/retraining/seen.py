"""What pages show of an attempt that runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """What an attempt said last.

    Attributes
    ----------
    log_end
        Bytes of its log that were read.
    line_at
        When it printed last; None before its first line.
    spent_micros
        What it cost so far; None where something has no price.
    warning
        One sentence; empty while all is well.
    stop_kind, stop_words
        Why it is being stopped; empty while it is not.
    """

    attempt_id: str
    ticket_id: str
    seen_at: datetime
    log_end: int = 0
    line_at: datetime | None = None
    step: float | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict[str, Any])
    device: str = ""
    resumed_from: str = ""
    usage: Mapping[str, Any] = field(default_factory=dict[str, Any])
    spent_micros: int | None = None
    currency: str = ""
    warning: str = ""
    stop_kind: str = ""
    stop_words: str = ""


@dataclass(frozen=True, slots=True)
class LogPart:
    """A part of a log.

    Attributes
    ----------
    begins
        The first byte of ``text``; later than asked for where the beginning was dropped.
    ends
        Where to go on.
    """

    text: str
    begins: int
    ends: int
