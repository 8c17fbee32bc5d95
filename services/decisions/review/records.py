"""The tables of reviews."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned

_STANDING = sa.text("valid_to IS NULL")
_OPEN = sa.text("valid_to IS NULL AND state = 'open'")


class ReviewRecord(Versioned, table=True):
    """One state of one review; a version has one open review for an alias."""

    __table_args__ = (
        sa.Index(
            "uq_review_standing",
            "review_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        sa.Index(
            "uq_review_request_key",
            "request_key",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        sa.Index(
            "uq_review_open",
            "name",
            "version",
            "run_id",
            "alias_key",
            "purpose",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    review_id: str = Field(index=True, max_length=36)
    purpose: str = Field(max_length=30)
    registry_name: str = Field(max_length=100)
    workspace: str = Field(max_length=100)
    name: str = Field(index=True, max_length=300)
    version: int
    run_id: str = Field(max_length=100)
    source_uri: str = Field(sa_type=sa.Text)
    alias: str = Field(max_length=100)
    alias_key: str = Field(max_length=100)
    round: int
    basis_digest: str = Field(max_length=64)
    requested_by: str = Field(max_length=36)
    requested_at: datetime
    rationale: str = Field(sa_type=sa.Text)
    due_at: datetime
    expires_at: datetime
    state: str = Field(index=True, max_length=20)
    request_key: str = Field(max_length=200)


class EvidenceOpenedRecord(Record, table=True):
    """That a person opened a kind of evidence of a review; what counts stands in the signature."""

    review_id: str = Field(primary_key=True, max_length=36)
    person_id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(primary_key=True, max_length=40)
    at: datetime
