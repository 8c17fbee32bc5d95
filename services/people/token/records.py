"""The tables of API tokens."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned, json_type


class ApiTokenRecord(Versioned, table=True):
    """A token by the digest of its text; closed when it is revoked."""

    token_id: str = Field(primary_key=True, max_length=36)
    token_sha256: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=120)
    scopes: list[str] = Field(sa_type=json_type())
    person_id: str | None = Field(default=None, max_length=36)
    expires_at: datetime


class ApiTokenSeenRecord(Record, table=True):
    """When a token was last used. Operational."""

    token_id: str = Field(primary_key=True, max_length=36)
    seen_at: datetime


class ApiAnswerRecord(Record, table=True):
    """What was answered under an idempotency key, so that asking twice does it once. Operational.

    ``status`` is 0 while the first request is still at work.
    """

    answer_id: str = Field(primary_key=True, max_length=64)
    request_sha256: str = Field(max_length=64)
    status: int
    body: str = Field(sa_type=sa.Text)
    at: datetime
