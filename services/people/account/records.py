"""The tables of accounts."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned, json_type


class PersonRecord(Versioned, table=True):
    """One version of what is known about a person; an address belongs to one person at a time."""

    __table_args__ = (
        sa.Index(
            "uq_person_email_standing",
            "email",
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    person_id: str = Field(index=True, max_length=36)
    email: str = Field(index=True, max_length=254)
    name: str = Field(max_length=120)
    active: bool
    external_names: list[str] = Field(sa_type=json_type())
    teams: list[str] = Field(sa_type=json_type())


class RoleGrantRecord(Versioned, table=True):
    """One role held over one scope, for as long as it is held."""

    row_id: str = Field(primary_key=True, max_length=36)
    person_id: str = Field(index=True, max_length=36)
    role: str = Field(max_length=20)
    scope_kind: str = Field(max_length=12)
    scope_id: str = Field(max_length=300)


class PersonKeyRecord(Record, table=True):
    """The wrapped key under which words about one person are sealed; deleting it erases them."""

    key_id: str = Field(primary_key=True, max_length=36)
    person_id: str = Field(index=True, unique=True, max_length=36)
    wrapped: str = Field(max_length=200)


class SignInLinkRecord(Versioned, table=True):
    """A single-use link to the first sign-in; closed when used or replaced."""

    token_sha256: str = Field(primary_key=True, max_length=64)
    person_id: str = Field(index=True, max_length=36)
    expires_at: datetime
