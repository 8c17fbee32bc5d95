"""The tables of the mirror. Rows end and are never overwritten."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned, json_type


def _standing(table: str, *columns: str) -> sa.Index:
    """Return the index that lets a thing have one standing row."""
    return sa.Index(
        f"uq_{table}_standing",
        *columns,
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )


class MirroredModelRecord(Versioned, table=True):
    """A registered model as it was seen."""

    __table_args__ = (_standing("mirrored_model", "name"),)

    row_id: str = Field(primary_key=True)
    name: str
    description: str = Field(sa_type=sa.Text)
    tags: dict[str, str] = Field(sa_type=json_type())
    latest_version: int | None = None
    created_at: datetime
    head_sha256: str


class MirroredVersionRecord(Versioned, table=True):
    """A version as it was seen."""

    __table_args__ = (_standing("mirrored_version", "name", "version"),)

    row_id: str = Field(primary_key=True)
    name: str
    version: int
    run_id: str = Field(index=True)
    source_uri: str = Field(sa_type=sa.Text)
    status: str
    description: str = Field(sa_type=sa.Text)
    tags: dict[str, str] = Field(sa_type=json_type())
    created_at: datetime


class MirroredAliasRecord(Versioned, table=True):
    """Which version an alias pointed at, from when until when, and who moved it."""

    __table_args__ = (_standing("mirrored_alias", "name", "alias"),)

    row_id: str = Field(primary_key=True)
    name: str
    alias: str
    version: int
    run_id: str
    source: str


class MirroredRunRecord(Versioned, table=True):
    """A run as it was seen."""

    __table_args__ = (_standing("mirrored_run", "run_id"),)

    row_id: str = Field(primary_key=True)
    run_id: str
    experiment_id: str
    user: str | None = None
    status: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    git_commit: str | None = None
    metrics: dict[str, float] = Field(sa_type=json_type())
    params: dict[str, str] = Field(sa_type=json_type())
    tags: dict[str, str] = Field(sa_type=json_type())
    datasets: list[dict[str, Any]] = Field(sa_type=json_type())


class SyncStateRecord(Record, table=True):
    """How fresh the mirror is: one row, operational."""

    id: int = Field(primary_key=True)
    at: datetime | None = None
    ok: bool = False
    reason: str = Field(default="", sa_type=sa.Text)
    failing_since: datetime | None = None
    models: int = 0
    versions: int = 0
    watermark_ms: int = Field(default=0, sa_type=sa.BigInteger)
    progress: float = 0.0
    skipped: list[str] = Field(sa_type=json_type())
