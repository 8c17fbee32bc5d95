"""Teams: made once, joined through a person's account."""

import re
from datetime import datetime

from sqlmodel import Session

from services.kernel.error import Conflict, InvalidInput
from services.kernel.identity import Actor
from services.kernel.text import one_line
from services.people.team import repository
from services.people.team.types import Team
from services.record.trail.unit_of_work import Store

_TEAM_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Teams:
    """The teams of this deployment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self, session: Session, at: datetime | None = None) -> list[Team]:
        """Return every team, by name, as they stood at an instant; None means now."""
        return repository.teams(session, at)

    def by_id(self, session: Session, team_id: str) -> Team | None:
        """Return one team, or None."""
        return next((t for t in repository.teams(session) if t.team_id == team_id), None)

    def create(self, actor: Actor, team_id: str, name: str) -> Team:
        """Make a team; event ``team:created``.

        Raises
        ------
        InvalidInput
            When the id is not lower-case words joined by hyphens, or the name is empty.
        Conflict
            When there is a team with that id.
        """
        if not _TEAM_ID.fullmatch(team_id) or len(team_id) > 60:
            raise InvalidInput("A team's id is made of small letters, digits and hyphens.")
        team = Team(team_id, one_line(name, limit=120, what="The team's name"))
        with self._store.unit(actor) as unit:
            if self.by_id(unit.session, team_id) is not None:
                raise Conflict(f"There is a team {team_id!r} already.")
            seq = unit.event("team:created", ("team", team_id), name=team.name)
            repository.add(unit.session, team, unit.now, seq)
        return team
