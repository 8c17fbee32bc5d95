"""The nouns of an account."""

from dataclasses import dataclass
from datetime import datetime

from services.kernel.identity import Actor, Role

EVERYTHING = ("everything", "")
SCOPE_KINDS = frozenset({"everything", "team", "model"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account.

    Attributes
    ----------
    email
        Lower case, the name under which the person signs in.
    external_names
        What other systems call this person: ``mlflow.user`` values, git e-mail addresses.
    teams
        Ids of teams.
    """

    person_id: str
    email: str
    name: str
    active: bool
    external_names: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a person holds over everything, over one team's models, or over one model.

    Attributes
    ----------
    scope_kind
        ``everything``, ``team`` or ``model``.
    scope_id
        A team id or a model name; empty for everything.
    """

    person_id: str
    role: Role
    scope_kind: str = "everything"
    scope_id: str = ""


@dataclass(frozen=True, slots=True)
class Principal:
    """A person at work: who asks, with which roles, through which session.

    Attributes
    ----------
    session_id
        The SHA-256 of the session's secret, or ``token:`` and a token id when a machine asks on
        the person's behalf.
    """

    person_id: str
    name: str
    email: str
    grants: tuple[Grant, ...]
    teams: tuple[str, ...]
    session_id: str
    signed_in_at: datetime

    @property
    def actor(self) -> Actor:
        """Return this person as the actor of a trail event."""
        return Actor("person", self.person_id, self.session_id)
