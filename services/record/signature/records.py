"""The tables of signing; rows are only ever added."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, big_integer, json_type


class SignatureRecord(Record, table=True):
    """One signature: its columns, the bytes that were signed, and its place in the chain."""

    __table_args__ = (
        sa.UniqueConstraint("review_id", "signer_id", "basis_digest", "series"),
        sa.UniqueConstraint("auth_event_id"),
    )

    position: int = Field(
        sa_type=big_integer(), primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    signature_id: str = Field(unique=True, max_length=36)
    record_type: str = Field(max_length=30)
    record_id: str = Field(index=True, max_length=300)
    record_version: int
    basis_digest: str = Field(max_length=64)
    review_id: str = Field(index=True, max_length=36)
    slot_role: str = Field(max_length=20)
    on_behalf_of: str | None = Field(default=None, max_length=36)
    signer_id: str = Field(index=True, max_length=36)
    printed_name: dict[str, str] = Field(sa_type=json_type())
    signer_title: str = Field(max_length=120)
    meaning: str = Field(max_length=20)
    decision: str = Field(max_length=30)
    reason_text: str = Field(sa_type=sa.Text)
    conditions: list[str] = Field(sa_type=json_type())
    acknowledged: list[str] = Field(sa_type=json_type())
    opened: list[str] = Field(sa_type=json_type())
    signed_at: datetime
    tz_display: str = Field(max_length=60)
    auth_method: str = Field(max_length=20)
    auth_components: int
    auth_event_id: str = Field(max_length=36)
    session_id: str = Field(max_length=100)
    ip: dict[str, str] | None = Field(default=None, sa_type=json_type())
    body: dict[str, Any] = Field(sa_type=json_type())
    series: int
    prev_sig_sha256: str = Field(max_length=64)
    sig_sha256: str = Field(unique=True, max_length=64)
    idempotency_key: str = Field(unique=True, max_length=100)
    event_seq: int = Field(sa_type=sa.BigInteger)


class SignatureRevocationRecord(Record, table=True):
    """A signature that was taken back; at most once."""

    signature_id: str = Field(primary_key=True, max_length=36)
    revoked_at: datetime
    revoked_by: str = Field(max_length=36)
    reason_text: str = Field(sa_type=sa.Text)
    event_seq: int = Field(sa_type=sa.BigInteger)
