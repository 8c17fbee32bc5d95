"""The table of runs that go on and seem to go nowhere: written anew at every look."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, json_type


class RunDoubtRecord(Record, table=True):
    """One run, and what speaks against it; gone when it is over, or nothing does any more."""

    run_id: str = Field(primary_key=True, max_length=60)
    name: str = Field(default="", sa_type=sa.Text)
    user: str = Field(default="", sa_type=sa.Text)
    model: str = Field(default="", index=True)
    experiment: str = Field(default="", sa_type=sa.Text)
    ticket_id: str = Field(default="", max_length=36)
    started_at: datetime | None = None
    doubts: list[list[str]] = Field(sa_type=json_type())
    seen_at: datetime
    marked_at: datetime | None = None
