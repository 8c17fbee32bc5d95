"""What every table shares: its name, its constraint names, its JSON type, its row versions."""

import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class Record(SQLModel):
    """A row. The SQL name is derived from the noun: ``TrailEventRecord`` is ``trail_event``."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805  # pyright: ignore
        noun = cls.__name__.removesuffix("Record")
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", noun).lower()


class Versioned(Record):
    """A row that is never overwritten: it holds from one instant until another.

    Attributes
    ----------
    valid_to
        None while it holds.
    event_seq
        The trail event that brought it.
    """

    valid_from: datetime = Field(index=True)
    valid_to: datetime | None = Field(default=None, index=True)
    event_seq: int = Field(sa_type=sa.BigInteger)


def json_type() -> Any:
    """Return the column type for JSON: JSONB with PostgreSQL; None is SQL NULL.

    Values are to be treated as immutable; a change in place is not saved.
    """
    return sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def big_integer() -> Any:
    """Return the column type for counters that grow: 64 bits, and SQLite's own rowid type."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
