"""The ledger of files, where a deleted one keeps its row; and how rows of each model are kept."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned, json_type


class LogFileRecord(Record, table=True):
    """One Parquet file."""

    __table_args__ = (sa.UniqueConstraint("model", "stream", "day", "rows_sha256"),)

    sha256: str = Field(primary_key=True, max_length=64)
    model: str
    stream: str
    day: dt.date
    path: str = Field(sa_type=sa.Text)
    rows: int
    bytes: int = Field(sa_type=sa.BigInteger)
    rows_sha256: str = Field(max_length=64)
    first_at: dt.datetime
    last_at: dt.datetime
    filed_at: dt.datetime
    event_seq: int = Field(sa_type=sa.BigInteger)
    deleted_at: dt.datetime | None = None
    deleted_seq: int | None = Field(default=None, sa_type=sa.BigInteger)


class CustodyRecord(Versioned, table=True):
    """How the rows of one model are kept, from when until when."""

    row_id: str = Field(primary_key=True)
    model: str = Field(index=True)
    dropped: list[str] = Field(sa_type=json_type())
    hashed: list[str] = Field(sa_type=json_type())
    caller_limit: int | None = None
    keep_days: int | None = None
