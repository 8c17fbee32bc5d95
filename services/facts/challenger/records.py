"""The table of looks at holdouts; no row of it ever changes."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record


class HoldoutLookRecord(Record, table=True):
    """One ticket that a holdout decides about."""

    __table_args__ = (sa.UniqueConstraint("holdout_sha256", "model", "number"),)

    holdout_sha256: str = Field(primary_key=True, max_length=64)
    model: str = Field(primary_key=True)
    ticket_id: str = Field(primary_key=True, max_length=36)
    number: int
    at: datetime
    event_seq: int = Field(sa_type=sa.BigInteger)
