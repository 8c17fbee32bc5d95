"""What the pages of incidents do: forms in, commands out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from services.decisions.incident.types import (
    Harm,
    IncidentForm,
    IncidentState,
    PostMortem,
    Severity,
    Stage,
)
from services.kernel.error import InvalidInput
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Opened:
    """A filled form that opens an incident; ``key`` makes it happen once."""

    model: str
    version: str
    title: str
    description: str
    severity: str
    harm: str
    aware: str
    key: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A note, or what evidence shows."""

    text: str
    evidence_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that is to be done."""

    what: str
    owner_id: str
    due: str
    key: str


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done."""

    remedy_id: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A state that follows, and why."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who is to handle it."""

    owner_id: str


@dataclass(frozen=True, slots=True)
class Judged:
    """How much it matters, what it did to people, since when somebody knew; empty keeps that."""

    severity: str
    harm: str
    aware: str


@dataclass(frozen=True, slots=True)
class Told:
    """The authority was told."""

    stage: str
    key: str


@dataclass(frozen=True, slots=True)
class Described:
    """What the report asks."""

    particulars: Mapping[str, str]


Asked = Noted | Planned | Done | Moved | Assigned | Judged | Told | Described | PostMortem


def opened(services: "Services", principal: Principal, form: Opened, made: list[str]) -> str:
    """Open an incident; its id is added to ``made``."""
    version = form.version.strip().removeprefix("v")
    if version and not (version.isdecimal() and len(version) < 10):
        raise InvalidInput("A version is a number; leave it empty for the model as a whole.")
    incident = services.incidents.open(
        principal,
        IncidentForm(
            form.model, int(version) if version else None, form.title, form.description,
            Severity(form.severity), Harm(form.harm), aware_at=instant_of(form.aware),
        ),
        form.key,
    )  # fmt: skip
    made.append(incident.incident_id)
    return "The incident is open."


def change(services: "Services", principal: Principal, incident_id: str, asked: Asked) -> str:
    """Do what a form of an incident asks for; return the word of thanks."""
    at = services.incidents
    match asked:
        case Noted() | Planned() | Done() | Told():
            return _written(services, principal, incident_id, asked)
        case Moved():
            at.set_state(principal, incident_id, IncidentState(asked.state), asked.reason)
            return f"The incident is {asked.state}."
        case Assigned():
            at.assign(principal, incident_id, asked.owner_id)
            return "Somebody else handles it now."
        case Judged():
            severity, harm = Severity(asked.severity), Harm(asked.harm)
            at.classify(principal, incident_id, severity, harm, instant_of(asked.aware))
            return "Judged; the clock follows."
        case Described():
            at.describe(principal, incident_id, asked.particulars)
            return "The report knows more now."
        case PostMortem():
            at.close(principal, incident_id, asked)
            return "The incident is closed."


def _written(
    services: "Services",
    principal: Principal,
    incident_id: str,
    asked: Noted | Planned | Done | Told,
) -> str:
    at = services.incidents
    match asked:
        case Noted(text, "", key):
            at.note(principal, incident_id, text, key)
            return "Noted."
        case Noted(text, evidence_id, key):
            at.link(principal, incident_id, evidence_id.strip(), text, key)
            return "The evidence is linked."
        case Planned(what, owner_id, due, key):
            at.act(principal, incident_id, what, owner_id, key, instant_of(due))
            return "It is on the list."
        case Done(remedy_id):
            at.finish(principal, remedy_id)
            return "Done."
        case Told(stage, key):
            at.reported(principal, incident_id, Stage(stage), key)
            return "Noted; the clock stands still."


def report(services: "Services", principal: Principal, incident_id: str, kind: str) -> bytes:
    """File the report and return it: ``markdown`` or ``json``."""
    made = services.incidents.export(principal, incident_id)
    return made.markdown if kind == "markdown" else made.json


def instant_of(text: str) -> datetime | None:
    """Return an instant in UTC as a person writes it, ``2026-03-14 09:12``; None for nothing.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip().removesuffix("UTC").strip())
    except ValueError as error:
        raise InvalidInput("Write an instant as 2026-03-14 09:12, in UTC.") from error
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
