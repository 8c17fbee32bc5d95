"""The table of teams."""

from sqlmodel import Field

from services.record.storage.base import Versioned


class TeamRecord(Versioned, table=True):
    """One version of a team."""

    row_id: str = Field(primary_key=True, max_length=36)
    team_id: str = Field(index=True, max_length=60)
    name: str = Field(max_length=120)
