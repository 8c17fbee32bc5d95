"""Handling incidents: who has it, what it did, where it stands, and how it ends."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime

from services.decisions.incident import repository
from services.decisions.incident.opening import Opening, past
from services.decisions.incident.report import PARTICULARS
from services.decisions.incident.timeline import LONGEST, digest_of, sentence
from services.decisions.incident.types import (
    INCIDENT,
    EntryKind,
    Harm,
    Incident,
    IncidentState,
    PostMortem,
    Severity,
)
from services.kernel.error import Conflict, InvalidInput
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.canonical import digest
from services.record.trail.unit_of_work import UnitOfWork


class Handling(Opening):
    """What people change about an incident; each change is a row of its own and an event."""

    def assign(self, principal: Principal, incident_id: str, owner_id: str) -> Incident:
        """Give an incident to somebody."""
        with self._at.store.unit(principal.actor) as unit:
            incident = self._held(unit, principal, incident_id)
            owner = self._person(unit.session, owner_id)
            before = incident.owner_id
            seq = self._updated(unit, incident, kind="owner", before=before, after=owner)
            return repository.write(unit, replace(incident, owner_id=owner), seq)

    def classify(
        self,
        principal: Principal,
        incident_id: str,
        severity: Severity,
        harm: Harm,
        aware_at: datetime | None = None,
    ) -> Incident:
        """Judge how much it matters, what it did to people, and since when somebody knew.

        Parameters
        ----------
        aware_at
            None leaves it as it was.

        Raises
        ------
        InvalidInput
            When awareness lies in the future.
        """
        with self._at.store.unit(principal.actor) as unit:
            incident = self._held(unit, principal, incident_id)
            since = past(aware_at or incident.aware_at, unit.now)
            judged = replace(incident, severity=severity, harm=harm, aware_at=since)
            seq = self._updated(
                unit, incident, kind="class", severity=severity, harm=harm, aware_at=since,
                before={"severity": incident.severity, "harm": incident.harm,
                        "aware_at": incident.aware_at},
            )  # fmt: skip
            words = f"Severity {severity.value}, harm {harm.value}"
            self._append(unit, incident, EntryKind.STATE, words, seq)
            return repository.write(unit, judged, seq)

    def describe(
        self, principal: Principal, incident_id: str, particulars: Mapping[str, str]
    ) -> Incident:
        """Write what the report to the authority asks; a field that is not named stays.

        Raises
        ------
        InvalidInput
            For a field that the report does not have.
        """
        unknown = sorted(set(particulars) - set(PARTICULARS))
        if unknown:
            raise InvalidInput(f"The report has no field {unknown[0]!r}.")
        written = {
            key: clean(text, limit=LONGEST, what=PARTICULARS[key])
            for key, text in particulars.items()
        }
        with self._at.store.unit(principal.actor) as unit:
            incident = self._held(unit, principal, incident_id)
            held = {**incident.particulars, **written}
            seq = self._updated(
                unit, incident, kind="particulars", fields=sorted(written), sha256=digest(held)
            )
            return repository.write(unit, replace(incident, particulars=held), seq)

    def set_state(
        self, principal: Principal, incident_id: str, state: IncidentState, reason: str
    ) -> Incident:
        """Move an incident on, or open it again; closing has a way of its own.

        Raises
        ------
        InvalidTransition
            When the state does not follow.
        """
        words = sentence(reason, "why")
        with self._at.store.unit(principal.actor) as unit:
            incident = self._held(unit, principal, incident_id)
            if state is IncidentState.CLOSED:
                raise Conflict("An incident is closed with a post-mortem.")
            INCIDENT.check(incident.state, state)
            seq = self._updated(
                unit, incident, kind="state", before=incident.state, state=state,
                text_sha256=digest_of(words),
            )  # fmt: skip
            return self._moved(unit, replace(incident, state=state, closed_at=None), words, seq)

    def close(self, principal: Principal, incident_id: str, written: PostMortem) -> Incident:
        """Close an incident with what was learned; event ``incident:closed``.

        Raises
        ------
        InvalidInput
            When cause, what was done or what prevents it is missing.
        Conflict
            When something is left to be done.
        InvalidTransition
            When it is not mitigated, or closed already.
        """
        learned = PostMortem(
            sentence(written.cause, "what caused it"),
            sentence(written.done, "what was done"),
            sentence(written.prevention, "what keeps it from happening again"),
        )
        with self._at.store.unit(principal.actor) as unit:
            incident = self._held(unit, principal, incident_id)
            INCIDENT.check(incident.state, IncidentState.CLOSED)
            left = [r for r in self.remedies(unit.session, incident_id) if r.done_at is None]
            if left:
                raise Conflict(f"{len(left)} of its actions are not done yet.")
            seq = unit.event(
                "incident:closed", ("incident", incident_id), model=incident.model,
                post_mortem_sha256=digest(asdict(learned)),
            )  # fmt: skip
            closed = replace(
                incident, state=IncidentState.CLOSED, closed_at=unit.now, post_mortem=learned
            )
            return self._moved(unit, closed, "Closed with a post-mortem", seq)

    def _moved(self, unit: UnitOfWork, incident: Incident, words: str, seq: int) -> Incident:
        said = f"{incident.state.value.capitalize()}: {words}"
        self._append(unit, incident, EntryKind.STATE, said, seq)
        return repository.write(unit, incident, seq)
