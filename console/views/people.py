"""People: who has an account, what each may do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.format import plural
from console.views.names import Names
from console.views.names import load as names_of
from services.kernel.identity import Role
from services.people.account.types import Grant, Person, Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One role over one scope."""

    role: str
    scope_kind: str
    scope_id: str
    words: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person."""

    person_id: str
    name: str
    email: str
    active: bool
    external: tuple[str, ...]
    teams: str
    grants: tuple[GrantRow, ...]
    me: bool


@dataclass(frozen=True, slots=True)
class PeopleView:
    """All people, and what the forms offer."""

    sentence: str
    rows: tuple[PersonRow, ...]
    chosen: PersonRow | None
    roles: tuple[str, ...]
    teams: tuple[tuple[str, str], ...]
    models: tuple[str, ...]


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> PeopleView:
    """Return everybody with an account; ``person`` in the query opens one.

    Raises
    ------
    NotPermitted
        When this person does not manage people.
    """
    services.authority.require(principal, Action.PEOPLE_MANAGE)
    with services.store.reading() as session:
        names = names_of(services, session)
        everybody = sorted(names.people.values(), key=lambda p: (not p.active, p.name.casefold()))
        rows = tuple(
            _row(person, services.accounts.grants(session, person.person_id), names, principal)
            for person in everybody
        )
        models = tuple(each.name for each in services.governance.all(session))
    active = sum(row.active for row in rows)
    chosen = next((row for row in rows if row.person_id == query.get("person")), None)
    roles = tuple(role.value for role in Role)
    sentence = (
        f"{plural(len(rows), 'person', 'people')}, {active} active; the administrator never signs."
    )
    return PeopleView(sentence, rows, chosen, roles, tuple(names.teams.items()), models)


def _row(person: Person, grants: Iterable[Grant], names: Names, me: Principal) -> PersonRow:
    return PersonRow(
        person.person_id,
        person.name,
        person.email,
        person.active,
        person.external_names,
        ", ".join(names.team(team) for team in person.teams),
        tuple(_grant(grant, names) for grant in grants),
        person.person_id == me.person_id,
    )


def _grant(grant: Grant, names: Names) -> GrantRow:
    over = names.team(grant.scope_id) if grant.scope_kind == "team" else grant.scope_id
    words = f"{grant.role.value} over {over}" if over else grant.role.value
    return GrantRow(grant.role.value, grant.scope_kind, grant.scope_id, words)
