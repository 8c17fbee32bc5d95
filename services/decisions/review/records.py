"""The tables of reviews."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned


class ReviewRecord(Versioned, table=True):
    """One review, from when until when it stood like that."""

    __table_args__ = (
        sa.Index(
            "uq_review_standing",
            "review_id",
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
    )

    row_id: str = Field(primary_key=True)
    review_id: str
    purpose: str
    registry_id: str
    workspace_id: str
    name: str = Field(index=True)
    version: int
    run_id: str
    source_uri: str = Field(sa_type=sa.Text)
    alias: str
    round: int
    requested_by: str = Field(index=True)
    requested_at: datetime
    rationale: str = Field(sa_type=sa.Text)
    due_at: datetime
    state: str = Field(index=True)
    basis_digest: str
    subject_kind: str = Field(
        default="version", max_length=20, sa_column_kwargs={"server_default": "version"}
    )
    subject_id: str = Field(default="", max_length=36, sa_column_kwargs={"server_default": ""})


class ReviewKeyRecord(Record, table=True):
    """The key under which a review was asked for: the same key asks once."""

    key: str = Field(primary_key=True)
    review_id: str


class EvidenceOpenedRecord(Record, table=True):
    """Which evidence a person opened for a review; operational, copied into the signature."""

    review_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    at: datetime
