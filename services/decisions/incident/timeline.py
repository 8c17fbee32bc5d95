"""What is written down about an incident: notes, evidence, things to be done, reports.

The words of people stay in our tables; an event holds their digest.
"""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from services.decisions.incident import repository
from services.decisions.incident.reading import IncidentReader
from services.decisions.incident.report import Exported, report, to_markdown
from services.decisions.incident.types import (
    Entry,
    EntryKind,
    Incident,
    Remedy,
    Stage,
)
from services.kernel.error import Conflict, InvalidInput, NotFound
from services.kernel.identity import new_id
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.canonical import canonical, sha256_hex
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.authority.types import Action

LONGEST = 8000
SHORTEST = 3


def sentence(text: str, what: str) -> str:
    """Return cleaned words.

    Raises
    ------
    InvalidInput
        When there are none.
    """
    words = clean(text, limit=LONGEST, what="The text")
    if len(words) < SHORTEST:
        raise InvalidInput(f"Say {what}.")
    return words


def digest_of(text: str) -> str:
    """Return the SHA-256 of words, as events hold it."""
    return sha256_hex(text.encode())


class Timeline(IncidentReader):
    """What is written down, in the order in which it was."""

    def note(self, principal: Principal, incident_id: str, text: str, key: str) -> Entry:
        """Write a note; the same key writes it once. Event ``incident:updated``."""
        words = sentence(text, "what is to be noted")
        return self._line(principal, incident_id, key, EntryKind.NOTE, words)

    def link(
        self, principal: Principal, incident_id: str, evidence_id: str, text: str, key: str
    ) -> Entry:
        """Link evidence and say what it shows; the same key does it once.

        Raises
        ------
        NotFound
            When no such evidence is on file.
        """
        words = sentence(text, "what the evidence shows")
        with self._at.store.reading() as session:
            self._at.evidence.by_id(session, evidence_id)
        return self._line(principal, incident_id, key, EntryKind.EVIDENCE, words, evidence_id)

    def reported(self, principal: Principal, incident_id: str, stage: Stage, key: str) -> Entry:
        """Note that the authority was told; the clock stands still. The same key notes it once."""
        return self._line(principal, incident_id, key, EntryKind.REPORT, stage.value)

    def act(
        self,
        principal: Principal,
        incident_id: str,
        what: str,
        owner_id: str,
        key: str,
        due_at: datetime | None = None,
    ) -> Remedy:
        """Write down what is to be done, by whom and until when; the same key does it once."""
        words = sentence(what, "what is to be done")
        with self._at.store.unit(principal.actor) as unit:
            incident = self._held(unit, principal, incident_id)
            known = repository.subject_of(unit.session, key)
            if known is not None:
                return self._remedy(unit.session, known)
            owner = self._person(unit.session, owner_id)
            remedy = Remedy(new_id(), incident_id, words, owner, due_at, None, "")
            seq = self._updated(
                unit, incident, kind="action", remedy_id=remedy.remedy_id, owner=owner,
                due_at=due_at, text_sha256=digest_of(words),
            )  # fmt: skip
            repository.keep_key(unit, key, remedy.remedy_id)
            return repository.write_remedy(unit, remedy, seq)

    def finish(self, principal: Principal, remedy_id: str) -> Remedy:
        """Note that something was done.

        Raises
        ------
        Conflict
            When it was done already.
        """
        with self._at.store.unit(principal.actor) as unit:
            lock_head(unit.session)
            remedy = self._remedy(unit.session, remedy_id)
            incident = self._held(unit, principal, remedy.incident_id)
            if remedy.done_at is not None:
                raise Conflict("This was done already; reload the page.")
            seq = self._updated(unit, incident, kind="action", remedy_id=remedy_id, done=True)
            self._append(unit, incident, EntryKind.ACTION, f"Done: {remedy.what}", seq)
            done = replace(remedy, done_at=unit.now, done_by=principal.person_id)
            return repository.write_remedy(unit, done, seq)

    def export(self, principal: Principal, incident_id: str) -> Exported:
        """File the report to the authority as Markdown and JSON; event ``export:made``.

        Notes
        -----
        What nobody wrote says UNKNOWN; an incomplete first report is allowed.
        """
        with self._at.store.unit(principal.actor) as unit:
            lock_head(unit.session)
            incident = self.by_id(unit.session, incident_id)
            self._require(unit.session, principal, incident.model, Action.EXPORT)
            entries, remedies = (
                self.entries(unit.session, incident_id),
                self.remedies(unit.session, incident_id),
            )
            held = report(incident, entries, remedies)
            markdown, json = to_markdown(held).encode(), canonical(held)
            made = Exported(
                markdown, json, self._at.archive.put(markdown), self._at.archive.put(json)
            )
            unit.event(
                "export:made", ("incident", incident_id), model=incident.model, kind="report",
                markdown_sha256=made.markdown_sha256, json_sha256=made.json_sha256,
            )  # fmt: skip
        return made

    # inside

    def _held(self, unit: UnitOfWork, principal: Principal, incident_id: str) -> Incident:
        lock_head(unit.session)
        incident = self.by_id(unit.session, incident_id)
        self._require(unit.session, principal, incident.model, Action.INCIDENT_HANDLE)
        return incident

    def _line(
        self,
        principal: Principal,
        incident_id: str,
        key: str,
        kind: EntryKind,
        words: str,
        evidence_id: str = "",
    ) -> Entry:
        with self._at.store.unit(principal.actor) as unit:
            incident = self._held(unit, principal, incident_id)
            known = repository.subject_of(unit.session, key)
            if known is not None:
                return repository.entry(unit.session, known)
            seq = self._updated(
                unit, incident, kind=kind, evidence_id=evidence_id, text_sha256=digest_of(words)
            )
            made = self._append(unit, incident, kind, words, seq, evidence_id)
            repository.keep_key(unit, key, made.entry_id)
            return made

    def _append(
        self,
        unit: UnitOfWork,
        incident: Incident,
        kind: EntryKind,
        words: str,
        seq: int,
        evidence_id: str = "",
    ) -> Entry:
        by = unit.actor.id if unit.actor.kind == "person" else "system"
        made = Entry(new_id(), incident.incident_id, kind, words, evidence_id, by, unit.now)
        return repository.add_entry(unit, made, seq)

    def _updated(self, unit: UnitOfWork, incident: Incident, **what: object) -> int:
        subject = ("incident", incident.incident_id)
        return unit.event("incident:updated", subject, model=incident.model, **what)

    def _remedy(self, session: Session, remedy_id: str) -> Remedy:
        found = repository.remedy(session, remedy_id)
        if found is None:
            raise NotFound("There is no such action.")
        return found
