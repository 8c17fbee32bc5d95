"""The table of tasks: the outbox to the worker."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, json_type


class TaskRecord(Record, table=True):
    """One thing asked of the worker, written in the transaction that wants it."""

    task_id: str = Field(primary_key=True)
    kind: str = Field(index=True)
    subject_kind: str
    subject_id: str = Field(index=True)
    payload: dict[str, Any] = Field(sa_type=json_type())
    requested_by: str
    idempotency_key: str = Field(unique=True)
    state: str = Field(index=True)
    progress: float = 0.0
    message: str = Field(default="", sa_type=sa.Text)
    log_sha256: str | None = None
    cancel_requested_at: datetime | None = None
    result: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    attempt: int = 0
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
