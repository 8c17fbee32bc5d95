"""Ids as people say them: the names of persons and teams, read once for a page."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import short
from services.kernel.identity import SYSTEM, Actor
from services.people.account.types import Person

if TYPE_CHECKING:
    from services.bootstrap.services import Services

_SYSTEM = "the console"
_CONSOLE = ("system", SYSTEM.id)


@dataclass(frozen=True, slots=True)
class Names:
    """Who is behind an id."""

    people: dict[str, Person] = field(default_factory=dict[str, Person])
    teams: dict[str, str] = field(default_factory=dict[str, str])

    def person(self, person_id: str | None) -> str:
        """Return a person's name, or the end of an id nobody bears."""
        if not person_id:
            return "nobody"
        if person_id in _CONSOLE:
            return _SYSTEM
        found = self.people.get(person_id)
        return found.name if found else f"person {short(person_id)}"

    def team(self, team_id: str | None) -> str:
        """Return a team's name."""
        return self.teams.get(team_id or "", team_id or "")

    def actor(self, actor: Actor) -> str:
        """Return who did it."""
        if actor.kind == "person":
            return self.person(actor.id)
        return "an API token" if actor.kind == "token" else _SYSTEM


def load(services: "Services", session: Session) -> Names:
    """Return the names of everybody and of every team."""
    people = {person.person_id: person for person in services.accounts.all(session)}
    return Names(people, {team.team_id: team.name for team in services.teams.all(session)})
