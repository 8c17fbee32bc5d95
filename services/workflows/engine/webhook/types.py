"""The nouns of training elsewhere: what was ordered, and what is reported of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.workflows.engine.types import EngineState, Usage

REPORTS = ("running", "succeeded", "failed", "cancelled", "time_limit", "preempted")


@dataclass(frozen=True)
class RemoteAttempt:
    """One attempt that somebody else's machinery runs.

    Attributes
    ----------
    sequence
        Of the last report that was taken; 0 before the first.
    result
        What a script would have written as ``result.json``.
    stop_reason
        Why it is asked to stop; None while it is not.
    claimed_at, sent_at
        When somebody began to send the order, and when it was taken.
    heard_at
        When a report came last.
    """

    attempt_id: str
    ticket_id: str
    engine: str
    state: EngineState
    reason: str
    preempted: bool
    exit_code: int | None
    sequence: int
    usage: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    log_bytes: int
    log_limit: int
    stop_reason: str | None
    claimed_at: datetime | None
    sent_at: datetime | None
    heard_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Report:
    """What was reported of an attempt.

    Attributes
    ----------
    sequence
        Rises with every report; one that does not is a repetition.
    log
        What was printed since the last report.
    """

    sequence: int
    state: EngineState
    reason: str = ""
    preempted: bool = False
    exit_code: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    log: bytes = b""
    usage: Usage | None = None
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What is answered to a report.

    Attributes
    ----------
    stop
        Why it is to stop now; None while it may go on.
    log_bytes
        How much of its log is held.
    """

    state: EngineState
    stop: str | None
    log_bytes: int
