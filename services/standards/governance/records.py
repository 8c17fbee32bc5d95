"""The table of governed models."""

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned, json_type


class GovernedModelRecord(Versioned, table=True):
    """Who answers for a model, and how strictly it is governed, from when until when."""

    __table_args__ = (
        sa.Index(
            "uq_governed_model_standing",
            "name",
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
    )

    row_id: str = Field(primary_key=True)
    name: str = Field(index=True)
    owner_id: str
    business_owner_id: str
    team_id: str
    purpose: str = Field(sa_type=sa.Text)
    intended_use: str = Field(sa_type=sa.Text)
    tier: str
    tier_reason: str = Field(sa_type=sa.Text)
    legal_class: str
    jurisdictions: list[str] = Field(sa_type=json_type())
