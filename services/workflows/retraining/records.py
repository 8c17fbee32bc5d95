"""The tables of what running attempts say: operational, the archived log is what lasts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, json_type


class AttemptLogRecord(Record, table=True):
    """A piece of what an attempt printed, from one byte to another; the oldest are dropped."""

    attempt_id: str = Field(primary_key=True, max_length=36)
    begins: int = Field(primary_key=True, sa_type=sa.BigInteger)
    ends: int = Field(sa_type=sa.BigInteger)
    text: str = Field(sa_type=sa.Text)
    at: datetime


class AttemptWatchRecord(Record, table=True):
    """What a running attempt said last, and why it is being stopped where it is."""

    attempt_id: str = Field(primary_key=True, max_length=36)
    ticket_id: str = Field(index=True, max_length=36)
    log_end: int = Field(default=0, sa_type=sa.BigInteger)
    line_at: datetime | None = None
    step: float | None = None
    metrics: dict[str, Any] = Field(sa_type=json_type())
    device: str = Field(default="", sa_type=sa.Text)
    resumed_from: str = Field(default="", sa_type=sa.Text)
    usage: dict[str, Any] = Field(sa_type=json_type())
    spent_micros: int | None = Field(default=None, sa_type=sa.BigInteger)
    currency: str = Field(default="", max_length=3)
    warning: str = Field(default="", sa_type=sa.Text)
    stop_kind: str = Field(default="", max_length=30)
    stop_words: str = Field(default="", sa_type=sa.Text)
    seen_at: datetime
