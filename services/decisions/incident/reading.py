"""Reading incidents: which are open, what was done, which clock runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from services.decisions.incident import repository, rules
from services.decisions.incident.types import Deadline, Entry, Incident, IncidentState, Remedy
from services.facts.evidence.service import EvidenceStore
from services.facts.registry.service import Registry
from services.kernel.error import NotFound
from services.people.account.service import Accounts
from services.people.account.types import Principal
from services.record.archive.service import Archive
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.governance.service import Governance

UNFINISHED = tuple(each for each in IncidentState if each is not IncidentState.CLOSED)


@dataclass(frozen=True)
class Rooms:
    """The rooms that the handling of incidents enters."""

    store: Store
    archive: Archive
    accounts: Accounts
    authority: Authority
    governance: Governance
    registry: Registry
    evidence: EvidenceStore


class IncidentReader:
    """Every incident there was, to read; none is ever deleted."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms

    def by_id(self, session: Session, incident_id: str, at: datetime | None = None) -> Incident:
        """Return one incident as it stands, or stood at an instant.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        found = repository.by_id(session, incident_id, at)
        if found is None:
            raise NotFound("There is no such incident.")
        return found

    def list(self, session: Session, at: datetime | None = None) -> Sequence[Incident]:
        """Return all incidents, newest first."""
        return repository.find(session, at=at)

    def of_model(
        self, session: Session, name: str, at: datetime | None = None
    ) -> Sequence[Incident]:
        """Return the incidents of one model, newest first."""
        return repository.find(session, model=name, at=at)

    def open_ones(self, session: Session, at: datetime | None = None) -> Sequence[Incident]:
        """Return the incidents that are not closed, newest first."""
        return repository.find(session, states=UNFINISHED, at=at)

    def entries(self, session: Session, incident_id: str) -> Sequence[Entry]:
        """Return the timeline of an incident, oldest line first."""
        return repository.entries(session, [incident_id])[incident_id]

    def remedies(self, session: Session, incident_id: str) -> Sequence[Remedy]:
        """Return what is to be done about an incident, oldest first."""
        return repository.remedies(session, incident_id)

    def deadlines(
        self, session: Session, incidents: Sequence[Incident]
    ) -> dict[str, Deadline | None]:
        """Return until when the authority is to be told, by incident; None where no clock runs."""
        now = self._at.store.clock.now()
        told = repository.entries(session, [each.incident_id for each in incidents])
        return {
            each.incident_id: rules.deadline(each, rules.reported_at(told[each.incident_id]), now)
            for each in incidents
        }

    def _require(self, session: Session, principal: Principal, name: str, action: Action) -> None:
        model = self._at.governance.require(session, name)
        self._at.authority.require(principal, action, model=model.name, team=model.team_id)

    def _person(self, session: Session, person_id: str) -> str:
        """Return the id of an active person.

        Raises
        ------
        NotFound
            When nobody has it, or the account is closed.
        """
        if not self._at.accounts.by_id(session, person_id).active:
            raise NotFound("This account is closed; choose somebody else.")
        return person_id
