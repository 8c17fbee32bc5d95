"""What the people page does: create, link, grant, revoke, disable, rename."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.views.people import PersonRow
from services.kernel.error import NotFound
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A filled form for an account."""

    name: str
    email: str
    external: tuple[str, ...]
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Granted:
    """A role to give."""

    person_id: str
    role: str
    scope_kind: str
    scope_id: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """What other systems call a person."""

    person_id: str
    external: tuple[str, ...]


def create(services: "Services", principal: Principal, form: NewPerson) -> str:
    """Open an account; return the word of thanks."""
    services.authority.require(principal, Action.PEOPLE_MANAGE)
    person = services.accounts.create(
        principal.actor, form.email, form.name, form.external, form.teams
    )
    return f"{person.name} has an account; make a sign-in link next."


def link(services: "Services", principal: Principal, person: PersonRow) -> str:
    """Return the address of a single-use sign-in link."""
    services.authority.require(principal, Action.PEOPLE_MANAGE)
    token = services.accounts.link(principal.actor, person.person_id)
    return f"{services.settings.console_url}/session/link/{token}"


def change(
    services: "Services", principal: Principal, person: PersonRow, asked: Granted | Renamed | str
) -> str:
    """Give or take a role, rename, or disable; return the word of thanks."""
    services.authority.require(principal, Action.PEOPLE_MANAGE)
    accounts, actor = services.accounts, principal.actor
    if isinstance(asked, Granted):
        accounts.grant(actor, person.person_id, asked.role, (asked.scope_kind, asked.scope_id))
        return f"{person.name} is {asked.role} now."
    if isinstance(asked, Renamed):
        accounts.revise(actor, person.person_id, external_names=asked.external)
        return f"{person.name} is known by {len(asked.external)} names elsewhere."
    word, _, place = asked.partition(":")
    if word == "disable":
        accounts.disable(actor, person.person_id)
        return f"{person.name} is disabled; open sessions end at their next step."
    if word != "revoke" or int(place) >= len(person.grants):
        raise NotFound("This action does not exist any more.")
    grant = person.grants[int(place)]
    accounts.revoke(actor, person.person_id, grant.role, (grant.scope_kind, grant.scope_id))
    return f"{person.name} is no longer {grant.words}."
