"""What was ordered elsewhere, what was reported of it, and the log that came with it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, big_integer, json_type


class RemoteAttemptRecord(Record, table=True):
    """One attempt that somebody else's machinery runs; operational."""

    attempt_id: str = Field(primary_key=True, max_length=100)
    ticket_id: str = Field(index=True, max_length=100)
    engine: str = Field(max_length=60)
    state: str = Field(max_length=20)
    reason: str = Field(default="", sa_type=sa.Text)
    preempted: bool = False
    exit_code: int | None = None
    sequence: int = 0
    usage: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    result: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    log_bytes: int = Field(default=0, sa_type=big_integer())
    log_limit: int = Field(sa_type=big_integer())
    stop_reason: str | None = Field(default=None, sa_type=sa.Text)
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    heard_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class RemoteLogRecord(Record, table=True):
    """A piece of the log of such an attempt; operational."""

    attempt_id: str = Field(primary_key=True, max_length=100)
    start: int = Field(primary_key=True, sa_type=sa.BigInteger)
    piece: bytes = Field(sa_type=sa.LargeBinary)
