"""The table of bookmarks."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record


class BookmarkRecord(Record, table=True):
    """One view of a page that a person keeps under a name; operational."""

    person_id: str = Field(primary_key=True)
    page: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    query: str = Field(sa_type=sa.Text)
    at: datetime
