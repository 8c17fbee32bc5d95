"""The tables of sessions."""

from datetime import datetime

from sqlmodel import Field

from services.record.storage.base import Record, Versioned


class CredentialRecord(Record, table=True):
    """The password hash that a person chose; replaced when another is chosen."""

    person_id: str = Field(primary_key=True, max_length=36)
    password_hash: str = Field(max_length=200)
    chosen_at: datetime


class SessionRecord(Versioned, table=True):
    """A signed-in browser; closed when it is revoked. Its expiry is derived."""

    session_id: str = Field(primary_key=True, max_length=64)
    person_id: str = Field(index=True, max_length=36)
    method: str = Field(max_length=20)
    expires_at: datetime


class AuthEventRecord(Record, table=True):
    """A proof of identity made for signing."""

    auth_event_id: str = Field(primary_key=True, max_length=36)
    person_id: str = Field(index=True, max_length=36)
    session_id: str = Field(max_length=80)
    at: datetime
    method: str = Field(max_length=20)
    components: int
    event_seq: int


class SessionSeenRecord(Record, table=True):
    """When a session was last used. Operational."""

    session_id: str = Field(primary_key=True, max_length=64)
    seen_at: datetime


class SignInCounterRecord(Record, table=True):
    """Wrong passwords in a row, for one account or one address. Operational."""

    counter_id: str = Field(primary_key=True, max_length=80)
    failures: int
    failed_at: datetime
