"""Incidents: the open ones with their clock, the closed ones, and what the form offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, day, plural
from console.views.names import Names
from console.views.names import load as names_of
from services.decisions.incident.types import (
    Deadline,
    Harm,
    Incident,
    IncidentState,
    Origin,
    Severity,
)
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services

STATES: Mapping[IncidentState, tuple[str, str]] = MappingProxyType(
    {
        IncidentState.OPEN: ("fail", "Open"),
        IncidentState.INVESTIGATING: ("info", "Investigating"),
        IncidentState.MITIGATED: ("stale", "Mitigated"),
        IncidentState.CLOSED: ("none", "Closed"),
    }
)
HARMS: Mapping[Harm, str] = MappingProxyType(
    {
        Harm.UNKNOWN: "not judged yet",
        Harm.NONE: "no serious harm",
        Harm.DEATH: "death of a person",
        Harm.HEALTH: "serious harm to health",
        Harm.INFRASTRUCTURE: "critical infrastructure disrupted for good",
        Harm.RIGHTS: "fundamental rights infringed",
        Harm.PROPERTY: "serious harm to property or the environment",
        Harm.WIDESPREAD: "widespread infringement",
    }
)
ORIGINS: Mapping[Origin, str] = MappingProxyType(
    {
        Origin.ALERT: "from an alert",
        Origin.BYPASS: "because an alias was moved outside",
        Origin.HAND: "by hand",
    }
)
SEVERITIES = tuple(each.value for each in reversed(Severity))
_URGENT = 2


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident in a list."""

    incident_id: str
    title: str
    model: str
    about: str
    status: str
    word: str
    severity: str
    owner: str
    opened: str
    due_status: str
    due: str
    open: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What the form that opens an incident offers; no model where this person may open none.

    Attributes
    ----------
    model, version, asked
        What the address says, and whether it asks for the form.
    """

    models: tuple[str, ...]
    model: str
    version: int | None
    asked: bool = False


@dataclass(frozen=True, slots=True)
class IncidentsView:
    """What the list shows."""

    sentence: str
    rows: tuple[IncidentRow, ...]
    offer: Offer
    model: str


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> IncidentsView:
    """Return the incidents of the models this person may see, newest first; ``model`` filters."""
    with services.store.reading() as session:
        names = names_of(services, session)
        seen = {
            each.name: each.team_id
            for each in services.governance.all(session)
            if services.authority.permits(
                principal, Action.MODEL_READ, model=each.name, team=each.team_id
            )
        }
        model = query.get("model", "") if query.get("model") in seen else ""
        found = [
            each
            for each in services.incidents.list(session)
            if each.model in seen and model in ("", each.model)
        ]
        listed = tuple(rows(services, session, found, names))
    handles = tuple(
        name
        for name, team in seen.items()
        if services.authority.permits(principal, Action.INCIDENT_HANDLE, model=name, team=team)
    )
    number = query.get("version", "")
    version = int(number) if number.isdecimal() and len(number) < 10 else None
    is_open = sum(row.open for row in listed)
    late = sum(row.open and row.due_status == "fail" for row in listed)
    return IncidentsView(
        f"{is_open} open · {plural(late, 'report')} overdue · {len(listed)} in all",
        listed, Offer(handles, model if model in handles else "", version, "open" in query), model,
    )  # fmt: skip


def rows(
    services: "Services", session: Session, found: list[Incident], names: Names
) -> list[IncidentRow]:
    """Return incidents as lines, with where each clock stands."""
    now = services.clock.now()
    clocks = services.incidents.deadlines(session, found)
    return [row(each, clocks[each.incident_id], names, now) for each in found]


def row(each: Incident, clock: Deadline | None, names: Names, now: datetime) -> IncidentRow:
    """Return one incident as a line."""
    return IncidentRow(
        each.incident_id, each.title, each.model, each.label, *STATES[each.state],
        each.severity.value, names.person(each.owner_id), ago(each.opened_at, now),
        *clock_words(each.harm, clock), each.state is not IncidentState.CLOSED,
    )  # fmt: skip


def clock_words(harm: Harm, clock: Deadline | None) -> tuple[str, str]:
    """Return status and words of where the clock of the report stands."""
    if clock is None:
        return ("none", "None due") if harm is Harm.NONE else ("unknown", "Harm not judged")
    if clock.reported_at is not None:
        late = ", late" if clock.overdue else ""
        return ("fail" if late else "none"), f"Reported {day(clock.reported_at)}{late}"
    if clock.overdue:
        return "fail", f"{plural(-clock.days_left, 'day')} overdue"
    status = "stale" if clock.days_left < _URGENT else "info"
    return status, f"{plural(clock.days_left, 'day')} left" if clock.days_left else "Due today"
