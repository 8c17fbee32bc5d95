"""People: who has an account, what each may do."""

from dataclasses import dataclass


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
