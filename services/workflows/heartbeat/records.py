"""The table of heartbeats."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from services.record.storage.base import Record, json_type


class HeartbeatRecord(Record, table=True):
    """The last word of one process."""

    component: str = Field(primary_key=True)
    at: datetime
    detail: dict[str, Any] = Field(sa_type=json_type())
