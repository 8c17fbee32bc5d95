"""The table of numbers that were sent; operational, since none of them is ours to vouch for."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record


class PushedValueRecord(Record, table=True):
    """A number about a model and an instant; sent again, the later one counts."""

    __table_args__ = (sa.Index("ix_pushed_value_asked", "model", "at"),)

    model: str = Field(primary_key=True)
    metric: str = Field(primary_key=True, max_length=60)
    feature: str = Field(primary_key=True, max_length=120)
    at: datetime = Field(primary_key=True)
    value: float
    received_at: datetime
    sent_by: str = Field(max_length=60)
