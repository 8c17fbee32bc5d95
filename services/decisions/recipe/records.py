"""The tables of recipes."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned


class RecipeRecord(Versioned, table=True):
    """One published recipe, as it was written."""

    recipe: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    sha256: str = Field(unique=True)
    model: str = Field(index=True)
    text: str = Field(sa_type=sa.Text)
    published_by: str


class RecipeProposalRecord(Record, table=True):
    """A recipe that is in force only if people allow the ticket that it was written for."""

    sha256: str = Field(primary_key=True, max_length=64)
    recipe: str
    version: int
    text: str = Field(sa_type=sa.Text)
    proposed_at: datetime
