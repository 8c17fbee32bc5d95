"""The tables of retraining."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned, json_type

_STANDING = sa.text("valid_to IS NULL")


def _one(name: str, *columns: str) -> sa.Index:
    """Return the index by which something stands once."""
    return sa.Index(name, *columns, unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING)


class TicketRecord(Versioned, table=True):
    """One ticket, from when until when it stood like that."""

    __table_args__ = (_one("uq_ticket_standing", "ticket_id"),)

    row_id: str = Field(primary_key=True, max_length=36)
    ticket_id: str = Field(index=True, max_length=36)
    model: str = Field(index=True, max_length=300)
    alias: str = Field(max_length=255)
    base: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    trigger: str = Field(max_length=20)
    cause: dict[str, Any] = Field(sa_type=json_type())
    recipe: str = Field(max_length=100)
    recipe_version: int
    recipe_sha256: str = Field(max_length=64)
    parameters: dict[str, Any] = Field(sa_type=json_type())
    engine: str = Field(max_length=100)
    data: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    quote: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    review_id: str = Field(max_length=36)
    state: str = Field(index=True, max_length=20)
    state_reason: str = Field(sa_type=sa.Text)
    opened_by: str = Field(max_length=36)
    opened_at: datetime
    rationale: str = Field(sa_type=sa.Text)
    team: str | None = Field(default=None, max_length=60)
    dry_run: bool = False
    round: int = 1
    quorum: dict[str, Any] = Field(sa_type=json_type())
    task_id: str = Field(max_length=36)
    run_id: str = Field(max_length=100)
    spent: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    result_version: int | None = None
    report_evidence_id: str = Field(max_length=36)
    recalled_by: str = Field(max_length=36)
    closed_at: datetime | None = None


class TicketKeyRecord(Record, table=True):
    """The cause for which a ticket was opened: the same cause opens once."""

    key: str = Field(primary_key=True)
    ticket_id: str = Field(max_length=36)


class TicketVersionRecord(Record, table=True):
    """The version that a ticket brought: one ticket, one version."""

    __table_args__ = (sa.UniqueConstraint("model", "version", "run_id"),)

    ticket_id: str = Field(primary_key=True, max_length=36)
    model: str = Field(max_length=300)
    version: int
    run_id: str = Field(max_length=100)
    event_seq: int = Field(sa_type=sa.BigInteger)


class AttemptRecord(Versioned, table=True):
    """One try at a ticket, from when until when it stood like that."""

    __table_args__ = (
        _one("uq_attempt_standing", "attempt_id"),
        _one("uq_attempt_number", "ticket_id", "number"),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    attempt_id: str = Field(max_length=36)
    ticket_id: str = Field(index=True, max_length=36)
    number: int
    engine: str = Field(max_length=100)
    handle: str = Field(sa_type=sa.Text)
    state: str = Field(index=True, max_length=20)
    reason: str = Field(sa_type=sa.Text)
    preempted: bool = False
    resumed_from: str = Field(sa_type=sa.Text)
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    usage: dict[str, Any] = Field(sa_type=json_type())
    log_sha256: str = Field(max_length=64)
    spot: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})


class TicketLeaseRecord(Record, table=True):
    """Who drives a ticket, and until when; operational."""

    ticket_id: str = Field(primary_key=True, max_length=36)
    owner: str
    number: int
    until: datetime


class TriggerNoteRecord(Record, table=True):
    """A trigger that was held back; operational."""

    key: str = Field(primary_key=True)
    model: str = Field(index=True, max_length=300)
    trigger: str = Field(max_length=20)
    cause: str = Field(sa_type=sa.Text)
    reason: str = Field(sa_type=sa.Text)
    first_at: datetime
    last_at: datetime = Field(index=True)
    times: int
