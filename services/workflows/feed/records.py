"""The table of streams from real rows."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record


class FeedRecord(Record, table=True):
    """How far the stream of one model is told."""

    model: str = Field(primary_key=True)
    shift_days: int
    first: date
    last: date
    last_outcome: date
    note: str = Field(sa_type=sa.Text)
    told_until: date | None = None
