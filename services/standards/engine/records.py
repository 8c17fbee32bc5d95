"""The table of engines."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned


class EngineRecord(Versioned, table=True):
    """One version of an engine; how it is reached is sealed."""

    __table_args__ = (
        sa.Index(
            "uq_engine_standing",
            "name",
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    name: str = Field(index=True, max_length=60)
    kind: str = Field(max_length=12)
    sealed: str = Field(sa_type=sa.Text)
    shown: str = Field(max_length=300)
    gpu_type: str = Field(max_length=60)
    allow_private: bool
    enabled: bool
    tested_at: datetime | None = None
    made_by: str = Field(max_length=60)
