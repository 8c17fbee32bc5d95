"""The table of what grids emit."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record


class GridFactorRecord(Record, table=True):
    """One factor; no row of it ever changes."""

    grid_id: str = Field(primary_key=True, max_length=36)
    region: str = Field(index=True, max_length=60)
    kg_per_kwh: str = Field(max_length=40)
    starts_at: datetime
    source: str = Field(sa_type=sa.Text)
    sample: bool
    published_by: str = Field(max_length=60)
    published_at: datetime
    event_seq: int = Field(sa_type=sa.BigInteger)
