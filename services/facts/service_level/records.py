"""The table of what serving versions takes: read anew every day."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, json_type


class ServingUseRecord(Record, table=True):
    """What was asked of one version over the last thirty whole days."""

    model: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    since: date
    until: date
    requests: int = Field(sa_type=sa.BigInteger)
    comparable: int = Field(sa_type=sa.BigInteger)
    again_by_day: int = Field(sa_type=sa.BigInteger)
    again: int = Field(sa_type=sa.BigInteger)
    seconds: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    hours: dict[str, int] = Field(sa_type=json_type())
    model_bytes: int | None = Field(default=None, sa_type=sa.BigInteger)
    seen_at: datetime
