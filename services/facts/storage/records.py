"""The table of what is kept of runs; operational: the ledger holds what came of it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record


class KeptRunRecord(Record, table=True):
    """The files of one run and of its versions."""

    run_id: str = Field(primary_key=True, max_length=60)
    experiment_id: str = Field(max_length=60)
    name: str = Field(max_length=250)
    model: str = Field(default="", index=True)
    size: int | None = Field(default=None, sa_type=sa.BigInteger)
    files: int
    held: str = Field(default="", max_length=200)
    ended_at: datetime
    first_at: datetime
    weighed_at: datetime = Field(index=True)
    gone_at: datetime | None = None
