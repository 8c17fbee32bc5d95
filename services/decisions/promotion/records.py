"""The table of promotions."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned

_STANDING = sa.text("valid_to IS NULL")
_PENDING = sa.text("valid_to IS NULL AND state = 'pending'")


class PromotionRecord(Versioned, table=True):
    """One state of one promotion; a review allows one, an alias has one on its way."""

    __table_args__ = (
        sa.Index(
            "uq_promotion_review",
            "review_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        sa.Index(
            "uq_promotion_pending",
            "registry_name",
            "workspace",
            "name",
            "alias_key",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    promotion_id: str = Field(index=True, max_length=36)
    review_id: str = Field(max_length=36)
    purpose: str = Field(max_length=30)
    registry_name: str = Field(max_length=100)
    workspace: str = Field(max_length=100)
    name: str = Field(index=True, max_length=300)
    version: int
    run_id: str = Field(max_length=100)
    source_uri: str = Field(sa_type=sa.Text)
    alias: str = Field(max_length=100)
    alias_key: str = Field(max_length=100)
    replaces_version: int | None = None
    replaces_run_id: str | None = Field(default=None, max_length=100)
    artifact_digest: str = Field(max_length=64)
    basis_digest: str = Field(max_length=64)
    requested_by: str = Field(max_length=36)
    due_again_at: datetime | None = None
    state: str = Field(max_length=20)
    task_id: str = Field(max_length=36)
    attempt: int
    authorised_at: datetime
    applied_at: datetime | None = None
    reason: str = Field(default="", sa_type=sa.Text)
