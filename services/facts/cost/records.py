"""The table of the cost ledger; no row of it ever changes."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record


class CostEntryRecord(Record, table=True):
    """One line: a quantity, and what it cost where that is known."""

    __table_args__ = (
        sa.Index("ix_cost_entry_model", "model", "starts_at"),
        sa.Index("ix_cost_entry_ticket", "ticket_id"),
        sa.Index("ix_cost_entry_starts", "starts_at"),
        sa.Index("ix_cost_entry_corrects", "corrects"),
    )

    source_id: str = Field(primary_key=True, max_length=200)
    kind: str = Field(max_length=10)
    sku: str = Field(max_length=120)
    unit: str = Field(max_length=40)
    quantity_micros: int = Field(sa_type=sa.BigInteger)
    currency: str | None = Field(default=None, max_length=3)
    micros: int | None = Field(default=None, sa_type=sa.BigInteger)
    model: str = Field(default="")
    version: int | None = None
    run_id: str = Field(default="", max_length=60)
    team: str = Field(default="", max_length=60)
    ticket_id: str = Field(default="", max_length=36)
    environment: str = Field(default="", max_length=120)
    starts_at: datetime
    ends_at: datetime
    price_id: str = Field(default="", max_length=36)
    estimated: bool
    corrects: str = Field(default="", max_length=200)
    kwh_micros: int | None = Field(default=None, sa_type=sa.BigInteger)
    added_at: datetime
    event_seq: int = Field(sa_type=sa.BigInteger)
