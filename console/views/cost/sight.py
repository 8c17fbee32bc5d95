"""Whose costs a person may read: those of the models that the person sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlmodel import Session

from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Sight:
    """What a person sees.

    Attributes
    ----------
    everything
        Whether also what no model and no team bears.
    models
        The team of each governed model that is seen.
    teams
        Names by id, of the teams that are seen.
    """

    everything: bool
    models: Mapping[str, str]
    teams: Mapping[str, str]

    def sees(self, model: str) -> bool:
        """Tell whether the costs of a model may be read."""
        return self.everything or model in self.models


def sight(services: "Services", principal: Principal, session: Session) -> Sight:
    """Return whose costs this person may read."""
    permits = services.authority.permits
    everything = permits(principal, Action.MODEL_READ, model="", team="")
    seen = {
        each.name: each.team_id
        for each in services.governance.all(session)
        if everything or permits(principal, Action.MODEL_READ, model=each.name, team=each.team_id)
    }
    teams = {
        each.team_id: each.name
        for each in services.teams.all(session)
        if everything or permits(principal, Action.MODEL_READ, model="", team=each.team_id)
    }
    return Sight(everything, MappingProxyType(seen), MappingProxyType(teams))
