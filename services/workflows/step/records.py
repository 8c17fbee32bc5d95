"""The table of applied steps."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from services.record.storage.base import Record, json_type


class AppliedStepRecord(Record, table=True):
    """One step that was done, with its result."""

    key: str = Field(primary_key=True)
    result: dict[str, Any] = Field(sa_type=json_type())
    at: datetime
