"""The table of recommendations."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned, json_type

_STANDING = sa.text("valid_to IS NULL")


def _one(name: str, column: str) -> sa.Index:
    return sa.Index(name, column, unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING)


class SavingRecord(Versioned, table=True):
    """One recommendation, from when until when it stood like that.

    Attributes
    ----------
    open_key
        The name of what it is about while nobody decided: no two stand open under one name.
    micros, lo_micros, hi_micros
        A month's money; None where something has no price.
    """

    __table_args__ = (
        _one("uq_saving_standing", "saving_id"),
        _one("uq_saving_open", "open_key"),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    saving_id: str = Field(max_length=36)
    open_key: str | None = Field(default=None, sa_type=sa.Text)
    key: str = Field(sa_type=sa.Text)
    kind: str = Field(max_length=20)
    model: str = Field(index=True)
    experiment_id: str = Field(default="", max_length=60)
    about: str = Field(default="", max_length=120)
    words: str = Field(sa_type=sa.Text)
    costs: list[str] = Field(sa_type=json_type())
    currency: str | None = Field(default=None, max_length=3)
    micros: int | None = Field(default=None, sa_type=sa.BigInteger)
    lo_micros: int | None = Field(default=None, sa_type=sa.BigInteger)
    hi_micros: int | None = Field(default=None, sa_type=sa.BigInteger)
    confidence: str = Field(max_length=10)
    because: str = Field(sa_type=sa.Text)
    evidence: list[dict[str, Any]] = Field(sa_type=json_type())
    runs: list[str] = Field(sa_type=json_type())
    state: str = Field(index=True, max_length=10)
    opened_at: datetime
    handled_by: str | None = None
    reason: str = Field(default="", sa_type=sa.Text)
