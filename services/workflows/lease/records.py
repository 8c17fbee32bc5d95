"""The table of leases."""

from datetime import datetime

from sqlmodel import Field

from services.record.storage.base import Record


class WorkerLeaseRecord(Record, table=True):
    """Who holds something, and until when."""

    name: str = Field(primary_key=True)
    executor_id: str = Field(index=True)
    until: datetime
