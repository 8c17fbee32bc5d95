"""The table of cards."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned, json_type


class CardRevisionRecord(Versioned, table=True):
    """One revision of one card; the standing one holds."""

    __table_args__ = (
        sa.UniqueConstraint("registry_name", "workspace", "name", "version", "run_id", "revision"),
        sa.Index(
            "uq_card_revision_standing",
            "registry_name",
            "workspace",
            "name",
            "version",
            "run_id",
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    registry_name: str = Field(max_length=100)
    workspace: str = Field(max_length=100)
    name: str = Field(max_length=300, index=True)
    version: int
    run_id: str = Field(max_length=100)
    source_uri: str = Field(sa_type=sa.Text)
    revision: int
    fields_json: dict[str, Any] = Field(sa_type=json_type())
    sha256: str = Field(max_length=64)
    author: str = Field(max_length=36)
