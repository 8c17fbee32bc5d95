"""The tables of what was looked at for its cost; operational: the ledger holds what came of it."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record


class CostRunRecord(Record, table=True):
    """One run of MLflow, and what became of it."""

    __table_args__ = (sa.Index("ix_cost_run_state", "state", "ended_at"),)

    run_id: str = Field(primary_key=True, max_length=60)
    root_id: str = Field(index=True, max_length=60)
    experiment_id: str = Field(max_length=60)
    name: str = Field(max_length=250)
    state: str = Field(max_length=10)
    declares: bool
    started_at: datetime | None = None
    ended_at: datetime | None = Field(default=None, index=True)
    stamp: str = Field(max_length=32)
    model: str = Field(default="")
    words: str = Field(default="", max_length=300)


class CostDaySeenRecord(Record, table=True):
    """One day of a model's serving, and on what its lines rest."""

    model: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    stamp: str = Field(max_length=120)
