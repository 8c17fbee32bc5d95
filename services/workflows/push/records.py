"""The commits that were pushed."""

from datetime import datetime

from sqlmodel import Field

from services.record.storage.base import Record


class PushedCommitRecord(Record, table=True):
    """A commit at which a branch once stood, as a signed push said; operational."""

    address: str = Field(primary_key=True, max_length=500)
    branch: str = Field(primary_key=True, max_length=255)
    commit: str = Field(primary_key=True, max_length=64)
    hook: str = Field(max_length=60)
    number: int
    received_at: datetime
