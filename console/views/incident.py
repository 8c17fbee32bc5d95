"""One incident: what happened, what is to be done, which clock runs, and what may follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.format import ago, day, instant
from console.views import incidents
from console.views.decisions import team_of
from console.views.names import Names
from console.views.names import load as names_of
from services.decisions.incident.types import INCIDENT, Entry, Incident, IncidentState, Remedy
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline; ``evidence_id`` may be empty."""

    when: str
    who: str
    kind: str
    words: str
    evidence_id: str


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """Something that is to be done, or was."""

    remedy_id: str
    what: str
    owner: str
    due: str
    done: str
    late: bool


@dataclass(frozen=True, slots=True)
class Handling:
    """What this person may do now; nothing where they may not handle incidents of the model.

    Attributes
    ----------
    states
        The states that may follow, closing aside.
    people
        Ids and names of those who may be given something.
    """

    may: bool
    states: tuple[str, ...]
    closes: bool
    exports: bool
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IncidentView:
    """What the page of an incident shows."""

    incident_id: str
    title: str
    model: str
    version: int | None
    status: str
    word: str
    severity: str
    harm: str
    owner_id: str
    caption: str
    clock_status: str
    clock: str
    clock_rest: str
    aware: str
    lines: tuple[Line, ...]
    remedies: tuple[RemedyRow, ...]
    learned: tuple[tuple[str, str], ...]
    particulars: Mapping[str, str]
    handling: Handling


def load(services: "Services", principal: Principal, incident_id: str) -> IncidentView:
    """Return what the page of an incident shows to this person.

    Raises
    ------
    NotFound
        When there is no such incident.
    NotPermitted
        When this person may not see its model.
    """
    now = services.clock.now()
    with services.store.reading() as session:
        each = services.incidents.by_id(session, incident_id)
        team = team_of(services, session, each.model)
        services.authority.require(principal, Action.MODEL_READ, model=each.model, team=team)
        names = names_of(services, session)
        lines = services.incidents.entries(session, incident_id)
        remedies = services.incidents.remedies(session, incident_id)
        clock = services.incidents.deadlines(session, [each])[incident_id]
    status, words = incidents.clock_words(each.harm, clock)
    rest = f"The authority is to be told until {instant(clock.due_at)}." if clock else ""
    return IncidentView(
        incident_id, each.title, each.model, each.version, *incidents.STATES[each.state],
        each.severity.value, each.harm.value, each.owner_id,
        f"{each.label} · opened by {names.person(each.opened_by)} {ago(each.opened_at, now)} "
        f"{incidents.ORIGINS[each.origin]} · handled by {names.person(each.owner_id)}",
        status, words, rest, instant(each.aware_at),
        tuple(_line(one, names) for one in lines),
        tuple(_remedy(one, names, late=one.due_at is not None and one.due_at < now) for one in remedies),
        _learned(each), each.particulars, _handling(services, principal, each, team, names),
    )  # fmt: skip


def _line(each: Entry, names: Names) -> Line:
    return Line(
        instant(each.at), names.person(each.by), each.kind.value, each.text, each.evidence_id
    )


def _remedy(each: Remedy, names: Names, *, late: bool) -> RemedyRow:
    done = f"{day(each.done_at)}, {names.person(each.done_by)}" if each.done_at else ""
    return RemedyRow(
        each.remedy_id, each.what, names.person(each.owner_id), day(each.due_at), done,
        late and not done,
    )  # fmt: skip


def _learned(each: Incident) -> tuple[tuple[str, str], ...]:
    written = each.post_mortem
    if written is None:
        return ()
    return (
        ("Cause", written.cause),
        ("What was done", written.done),
        ("What prevents it", written.prevention),
    )


def _handling(
    services: "Services", principal: Principal, each: Incident, team: str | None, names: Names
) -> Handling:
    where = {"model": each.model, "team": team}
    follow = INCIDENT.moves[each.state]
    return Handling(
        services.authority.permits(principal, Action.INCIDENT_HANDLE, **where),
        tuple(s.value for s in IncidentState if s in follow and s is not IncidentState.CLOSED),
        IncidentState.CLOSED in follow,
        services.authority.permits(principal, Action.EXPORT, **where),
        {p.person_id: p.name for p in names.people.values() if p.active},
    )
