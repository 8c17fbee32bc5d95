"""The tables of webhooks that come in."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned


class HookRecord(Versioned, table=True):
    """One version of a webhook; its secret is sealed."""

    __table_args__ = (
        sa.Index(
            "uq_hook_standing",
            "name",
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    name: str = Field(index=True, max_length=60)
    style: str = Field(max_length=12)
    repository: str = Field(max_length=500)
    address: str = Field(max_length=500)
    sealed: str = Field(sa_type=sa.Text)
    made_by: str = Field(max_length=60)


class HookHeardRecord(Record, table=True):
    """When a webhook was heard last; operational."""

    name: str = Field(primary_key=True, max_length=60)
    heard_at: datetime
