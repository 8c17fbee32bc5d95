"""The table of recipes."""

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned


class RecipeRecord(Versioned, table=True):
    """One published recipe, as it was written."""

    recipe: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    sha256: str = Field(unique=True)
    model: str = Field(index=True)
    text: str = Field(sa_type=sa.Text)
    published_by: str
