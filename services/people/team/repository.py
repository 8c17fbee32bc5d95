"""Teams in the database: rows in, types out."""

from datetime import datetime

from sqlmodel import Session, col, select

from services.kernel.identity import new_id
from services.people.team.records import TeamRecord
from services.people.team.types import Team
from services.record.storage.history import standing


def teams(session: Session, at: datetime | None = None) -> list[Team]:
    """Return teams by name, as they stood at an instant."""
    statement = select(TeamRecord).where(standing(TeamRecord, at)).order_by(col(TeamRecord.name))
    return [Team(row.team_id, row.name) for row in session.exec(statement)]


def add(session: Session, team: Team, now: datetime, event_seq: int) -> None:
    """Store a new team."""
    session.add(
        TeamRecord(
            row_id=new_id(),
            team_id=team.team_id,
            name=team.name,
            valid_from=now,
            event_seq=event_seq,
        )
    )
