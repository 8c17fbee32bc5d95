"""Opening incidents: by hand, from an alert, and by the console itself when an alias was bypassed."""

from dataclasses import dataclass
from datetime import datetime

from services.decisions.incident import repository
from services.decisions.incident.timeline import Timeline, digest_of, sentence
from services.decisions.incident.types import (
    EntryKind,
    Harm,
    Incident,
    IncidentForm,
    IncidentState,
    Noticed,
    Origin,
    Severity,
)
from services.kernel.error import InvalidInput
from services.kernel.identity import new_id
from services.kernel.text import one_line
from services.people.account.types import Principal
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.authority.types import Action

SYSTEM_PERSON = "system"
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class _Cause:
    """What an incident is opened from, and the key under which it is opened once."""

    origin: Origin
    origin_id: str
    key: str


class Opening(Timeline):
    """How incidents begin."""

    def open(self, principal: Principal, form: IncidentForm, key: str) -> Incident:
        """Open an incident by hand; the same key opens one. Event ``incident:opened``.

        Raises
        ------
        InvalidInput
            When the title or the description is empty, or awareness lies in the future.
        NotPermitted
            When this person may not handle incidents of the model.
        """
        return self._asked(principal, form, _Cause(Origin.HAND, "", key))

    def from_alert(self, principal: Principal, alert_id: str, form: IncidentForm) -> Incident:
        """Open the incident of an alert, or return the one there is."""
        return self._asked(principal, form, _Cause(Origin.ALERT, alert_id, f"alert:{alert_id}"))

    def from_bypass(self, unit: UnitOfWork, noticed: Noticed) -> Incident:
        """Open the incident of an ungoverned promotion inside the caller's transaction, once.

        Notes
        -----
        It matters as much as the model can do harm: its severity is the model's tier.
        """
        lock_head(unit.session)
        key = f"bypass:{noticed.origin_id}"
        known = repository.subject_of(unit.session, key)
        if known is not None:
            return self.by_id(unit.session, known)
        model = self._at.governance.require(unit.session, noticed.model)
        made = Incident(
            new_id(), model.name, noticed.version, noticed.run_id, noticed.title,
            Severity(model.tier.value), Harm.UNKNOWN, model.owner_id, Origin.BYPASS,
            noticed.origin_id, IncidentState.OPEN, SYSTEM_PERSON, unit.now, unit.now, None, {}, None,
        )  # fmt: skip
        return self._begin(unit, made, noticed.description, key)

    def _asked(self, principal: Principal, form: IncidentForm, cause: _Cause) -> Incident:
        title = one_line(form.title, limit=LONGEST_TITLE, what="The title")
        words = sentence(form.description, "what went wrong")
        with self._at.store.unit(principal.actor) as unit:
            session = unit.session
            lock_head(session)
            known = repository.subject_of(session, cause.key)
            if known is not None:
                return self.by_id(session, known)
            self._require(session, principal, form.model, Action.INCIDENT_HANDLE)
            model = self._at.governance.require(session, form.model)
            run_id = ""
            if form.version is not None:
                run_id = self._at.registry.ref(session, form.model, form.version).run_id
            owner = self._person(session, form.owner_id or model.owner_id)
            aware_at = past(form.aware_at, unit.now)
            made = Incident(
                new_id(), model.name, form.version, run_id, title, form.severity, form.harm, owner,
                cause.origin, cause.origin_id, IncidentState.OPEN, principal.person_id, unit.now,
                aware_at, None, {}, None,
            )  # fmt: skip
            return self._begin(unit, made, words, cause.key)

    def _begin(self, unit: UnitOfWork, made: Incident, words: str, key: str) -> Incident:
        seq = unit.event(
            "incident:opened", ("incident", made.incident_id), model=made.model,
            version=made.version, run_id=made.run_id, origin=made.origin, origin_id=made.origin_id,
            severity=made.severity, harm=made.harm, owner=made.owner_id, aware_at=made.aware_at,
            title_sha256=digest_of(made.title), text_sha256=digest_of(words),
        )  # fmt: skip
        repository.write(unit, made, seq)
        self._append(unit, made, EntryKind.NOTE, words, seq)
        repository.keep_key(unit, key, made.incident_id)
        return made


def past(at: datetime | None, now: datetime) -> datetime:
    """Return an instant that is not in the future; now where none was given.

    Raises
    ------
    InvalidInput
        When it lies ahead.
    """
    if at is not None and at > now:
        raise InvalidInput("Nobody became aware of it in the future; correct the instant.")
    return at or now
