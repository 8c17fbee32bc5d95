"""What the people page does: create, link, grant, revoke, disable."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A filled form for an account."""

    name: str
    email: str
    external: tuple[str, ...]
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Granted:
    """A role to give or to take away."""

    person_id: str
    role: str
    scope_kind: str
    scope_id: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """What other systems call a person."""

    person_id: str
    external: tuple[str, ...]
