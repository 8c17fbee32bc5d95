"""The table of orders to take files away."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned, json_type

_STANDING = sa.text("valid_to IS NULL")


class DisposalRecord(Versioned, table=True):
    """One order, from when until when it stood like that.

    Attributes
    ----------
    open_run_id
        The run while the order waits: there is one at a time for each.
    """

    __table_args__ = (
        sa.Index(
            "uq_disposal_standing", "disposal_id", unique=True,
            sqlite_where=_STANDING, postgresql_where=_STANDING,
        ),
        sa.Index(
            "uq_disposal_open", "open_run_id", unique=True,
            sqlite_where=_STANDING, postgresql_where=_STANDING,
        ),
    )  # fmt: skip

    row_id: str = Field(primary_key=True, max_length=36)
    disposal_id: str = Field(max_length=36)
    open_run_id: str | None = Field(default=None, max_length=60)
    run_id: str = Field(index=True, max_length=60)
    name: str = Field(max_length=250)
    model: str = Field(default="")
    versions: list[Any] = Field(sa_type=json_type())
    size: int = Field(sa_type=sa.BigInteger)
    files: int
    reason: str = Field(sa_type=sa.Text)
    ordered_by: str = Field(max_length=60)
    ordered_at: datetime
    due_at: datetime
    state: str = Field(index=True, max_length=10)
    outcome: str = Field(default="", sa_type=sa.Text)
