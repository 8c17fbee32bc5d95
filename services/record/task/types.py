"""The nouns of asking the worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from services.kernel.lifecycle import Lifecycle


class TaskState(StrEnum):
    """Where a task stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


TASK = Lifecycle(
    "task",
    "queued",
    {
        "queued": frozenset({"running", "failed", "cancelled"}),
        "running": frozenset({"running", "succeeded", "failed", "cancelled"}),
    },
)

LANES: Mapping[str, str] = MappingProxyType(
    {
        "measurement": "batch",
        "promotion": "batch",
        "monitoring": "batch",
        "notification": "batch",
        "drift_report": "batch",
        "feed": "batch",
        "source_look": "batch",
        "ticket_quote": "batch",
        "retraining": "batch",
        "verification": "interactive",
        "drill_down": "interactive",
        "channel_test": "interactive",
        "engine_test": "interactive",
    }
)


@dataclass(frozen=True, slots=True)
class Task:
    """Something asked of the worker.

    Attributes
    ----------
    progress
        Share done, in [0, 1].
    log_sha256
        The archived log, or None while there is none.
    """

    task_id: str
    kind: str
    subject_kind: str
    subject_id: str
    payload: Mapping[str, Any]
    requested_by: str
    idempotency_key: str
    state: TaskState
    progress: float
    message: str
    log_sha256: str | None
    cancel_requested_at: datetime | None
    result: Mapping[str, Any] | None
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen to it."""
        return TASK.is_final(self.state)
