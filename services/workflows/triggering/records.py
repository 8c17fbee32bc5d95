"""The table of what sources of training data held."""

from datetime import datetime

from sqlmodel import Field

from services.record.storage.base import Record


class SourceSeenRecord(Record, table=True):
    """What the source of a model's recipe held when it was read last; operational."""

    model: str = Field(primary_key=True, max_length=300)
    recipe_sha256: str = Field(max_length=64)
    sign: str = Field(max_length=64)
    sha256: str = Field(max_length=64)
    first_sha256: str = Field(max_length=64)
    rows: int
    last_at: datetime | None = None
    looked_at: datetime
