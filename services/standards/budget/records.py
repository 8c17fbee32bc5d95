"""The table of budgets."""

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned, json_type

_STANDING = sa.text("valid_to IS NULL")


class BudgetRecord(Versioned, table=True):
    """One version of a budget; the same budget keeps its id."""

    __table_args__ = (
        sa.Index(
            "uq_budget_standing",
            "scope",
            "name",
            "span",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    budget_id: str = Field(index=True, max_length=36)
    scope: str = Field(max_length=10)
    name: str = Field(sa_type=sa.Text)
    span: str = Field(max_length=8)
    currency: str = Field(max_length=3)
    micros: int = Field(sa_type=sa.BigInteger)
    owner_id: str = Field(max_length=60)
    percents: list[int] = Field(sa_type=json_type())
    forecast: bool
    stops: bool
    channels: list[str] = Field(sa_type=json_type())
    set_by: str = Field(max_length=60)
