"""The ledger of the files of the prediction log; a file that was deleted keeps its row."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record


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
