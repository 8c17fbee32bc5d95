"""The tables of prices and of rates between currencies."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned


class PriceRecord(Versioned, table=True):
    """One version of a price; a new one only says when it ends."""

    __table_args__ = (sa.Index("ix_price_asked", "sku", "starts_at"),)

    row_id: str = Field(primary_key=True, max_length=36)
    price_id: str = Field(index=True, max_length=36)
    sku: str = Field(max_length=80)
    unit: str = Field(max_length=20)
    provider: str = Field(max_length=40)
    region: str = Field(max_length=40)
    term: str = Field(max_length=10)
    currency: str = Field(max_length=3)
    micros: int = Field(sa_type=sa.BigInteger)
    starts_at: datetime
    ends_at: datetime | None = None
    source: str = Field(sa_type=sa.Text)
    sample: bool
    published_by: str = Field(max_length=60)
    published_at: datetime


class ExchangeRecord(Record, table=True):
    """A rate between two currencies from an instant on; no row of it ever changes."""

    base: str = Field(primary_key=True, max_length=3)
    quote: str = Field(primary_key=True, max_length=3)
    starts_at: datetime = Field(primary_key=True)
    each: str = Field(max_length=40)
    source: str = Field(sa_type=sa.Text)
    published_by: str = Field(max_length=60)
    event_seq: int = Field(sa_type=sa.BigInteger)
