"""The table of business figures."""

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned


class KpiRecord(Versioned, table=True):
    """One version of a business figure's definition."""

    __table_args__ = (
        sa.Index(
            "uq_kpi_standing",
            "model",
            "name",
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
    )

    row_id: str = Field(primary_key=True, max_length=36)
    model: str = Field(index=True)
    name: str = Field(max_length=120)
    unit: str = Field(max_length=30)
    direction: str = Field(max_length=6)
    target: float | None = None
    formula: str | None = Field(default=None, sa_type=sa.Text)
