"""The tables of incidents."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned, json_type

_STANDING = sa.text("valid_to IS NULL")


class IncidentRecord(Versioned, table=True):
    """One incident, from when until when it stood like that."""

    __table_args__ = (
        sa.Index(
            "uq_incident_standing",
            "incident_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    incident_id: str = Field(max_length=36)
    model: str = Field(index=True, max_length=300)
    version: int | None = None
    run_id: str = Field(max_length=100)
    title: str = Field(sa_type=sa.Text)
    severity: str = Field(max_length=20)
    harm: str = Field(max_length=20)
    owner_id: str = Field(max_length=36)
    origin: str = Field(max_length=20)
    origin_id: str = Field(sa_type=sa.Text)
    state: str = Field(index=True, max_length=20)
    opened_by: str = Field(max_length=36)
    opened_at: datetime
    aware_at: datetime
    closed_at: datetime | None = None
    particulars: dict[str, Any] = Field(sa_type=json_type())
    post_mortem: dict[str, Any] | None = Field(default=None, sa_type=json_type())


class IncidentEntryRecord(Record, table=True):
    """One line of a timeline; never changed."""

    entry_id: str = Field(primary_key=True, max_length=36)
    incident_id: str = Field(index=True, max_length=36)
    kind: str = Field(max_length=20)
    text: str = Field(sa_type=sa.Text)
    evidence_id: str = Field(max_length=36)
    by: str = Field(max_length=36)
    at: datetime
    event_seq: int = Field(sa_type=sa.BigInteger)


class RemedyRecord(Versioned, table=True):
    """One thing to be done about an incident, from when until when it stood like that."""

    __table_args__ = (
        sa.Index(
            "uq_remedy_standing",
            "remedy_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    remedy_id: str = Field(max_length=36)
    incident_id: str = Field(index=True, max_length=36)
    what: str = Field(sa_type=sa.Text)
    owner_id: str = Field(max_length=36)
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str = Field(default="", max_length=36)


class IncidentKeyRecord(Record, table=True):
    """The key under which something was opened or added: the same key does it once."""

    key: str = Field(primary_key=True)
    subject_id: str = Field(max_length=36)
