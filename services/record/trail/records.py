"""The tables of the trail. No byte of an event ever changes."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, big_integer


class TrailEventRecord(Record, table=True):
    """One event: the canonical envelope as text, and its two hashes."""

    seq: int = Field(
        sa_type=big_integer(), primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    event_id: str = Field(unique=True)
    envelope: str = Field(sa_type=sa.Text)
    leaf_hash: str
    chain_hash: str


class TrailHeadRecord(Record, table=True):
    """The end of the trail: one row, which is also the lock of writers."""

    id: int = Field(primary_key=True)
    log_id: str
    size: int = Field(sa_type=sa.BigInteger)
    chain_hash: str
    frontier: str = Field(sa_type=sa.Text)


class TrailIndexRecord(Record, table=True):
    """Parts of the envelope copied for searching; a verification compares them."""

    seq: int = Field(
        sa_type=big_integer(), primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    at: datetime = Field(index=True)
    action: str = Field(index=True)
    subject_kind: str
    subject_id: str = Field(index=True)
    actor_kind: str
    actor_id: str = Field(index=True)
