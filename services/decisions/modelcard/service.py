"""Cards: drafted from the run, edited by people, kept in revisions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from services.decisions.modelcard import repository, rules
from services.decisions.modelcard.numbers import Number, Numbers, numbers, references
from services.decisions.modelcard.types import (
    Card,
    CardMoved,
    Field,
    FieldDiff,
    FieldEdit,
    FieldKind,
    RunFacts,
)
from services.kernel.error import NotFound
from services.kernel.identity import ModelRef
from services.people.account.types import Principal
from services.record.archive.service import Archive
from services.record.canonical import canonical
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import Store, UnitOfWork


class EvidenceReader(Protocol):
    """Whatever knows the newest evidence of a version."""

    def latest_by_kind(
        self, session: Session, ref: ModelRef, at: datetime | None = None
    ) -> Mapping[str, Any]:
        """Return the newest evidence of each kind."""
        ...


class EditorCheck(Protocol):
    """Whatever refuses those who may not edit the card of a model."""

    def __call__(self, session: Session, principal: Principal, name: str) -> None:
        """Raise NotPermitted when this person may not."""
        ...


class Cards:
    """The cards of all versions.

    Parameters
    ----------
    may_edit
        Called before every change; refuses with NotPermitted.
    """

    def __init__(
        self, store: Store, archive: Archive, evidence: EvidenceReader, may_edit: EditorCheck
    ) -> None:
        self._store = store
        self._archive = archive
        self._evidence = evidence
        self._may_edit = may_edit

    # reading

    def current(self, session: Session, ref: ModelRef, at: datetime | None = None) -> Card:
        """Return the card that stands, or stood at an instant.

        Returns
        -------
        Card
            Revision 0, everything unknown, when nothing was drafted yet.
        """
        return repository.current(session, ref, at) or rules.blank(ref)

    def revision(self, session: Session, ref: ModelRef, number: int) -> Card:
        """Return one revision.

        Raises
        ------
        NotFound
            When the card has no revision of that number.
        """
        found = rules.blank(ref) if number == 0 else repository.revision(session, ref, number)
        if found is None:
            raise NotFound(f"The card of {ref.label} has no revision {number}.")
        return found

    def revisions(self, session: Session, ref: ModelRef) -> list[Card]:
        """Return all revisions, newest first; empty when nothing was drafted yet."""
        return repository.revisions(session, ref)

    def written(self, session: Session) -> list[tuple[str, int]]:
        """Return name and number of the versions whose card somebody wrote, in one query."""
        return repository.written(session)

    def filled(self, session: Session, ref: ModelRef) -> frozenset[str]:
        """Return the names of the sections that say something."""
        return self.current(session, ref).filled

    def diff(
        self, session: Session, ref: ModelRef, before: int, after: int
    ) -> tuple[FieldDiff, ...]:
        """Return how two revisions differ; empty when they say the same."""
        return rules.differences(
            self.revision(session, ref, before), self.revision(session, ref, after)
        )

    def numbers(self, session: Session, ref: ModelRef, at: datetime | None = None) -> Numbers:
        """Return every measured number that a card of this version may refer to."""
        found = self._evidence.latest_by_kind(session, ref, at).values()
        return numbers(
            Number(m.metric, m.segment, m.value if str(m.status) == "ok" else None, m.lo, m.hi, m.n)
            for evidence in found
            for m in evidence.measurements
        )

    def outdated(self, session: Session, card: Card) -> dict[str, tuple[str, ...]]:
        """Return the sections whose evidence changed after they were written, with its kinds."""
        standing = self._digests(session, card.ref)
        found = {n: rules.outdated(f, standing) for n, f in card.fields.items()}
        return {name: kinds for name, kinds in found.items() if kinds}

    # changing

    def draft(self, unit: UnitOfWork, ref: ModelRef, facts: RunFacts) -> Card:
        """Draft the first revision from what is known; keep the card there is.

        Event ``card:revised``.
        """
        lock_head(unit.session)
        known = repository.current(unit.session, ref)
        if known is not None:
            return known
        fields = rules.drafted(facts)
        return self._write(unit, rules.blank(ref), fields, rules.SYSTEM_AUTHOR)

    def revise(
        self,
        principal: Principal,
        ref: ModelRef,
        expected_revision: int,
        changes: Mapping[str, FieldEdit],
    ) -> Card:
        """Write sections anew, and return the card as it stands then.

        Parameters
        ----------
        expected_revision
            The revision the person had on the screen. What others wrote in *other* sections since
            then is kept beside these changes.

        Raises
        ------
        NotPermitted
            When this person may not edit cards of the model.
        InvalidInput
            When the words cannot be kept; see ``rules.checked``.
        CardMoved
            When somebody wrote in the same section since; both texts are on the error.
        """
        edits = {name: rules.checked(name, edit) for name, edit in changes.items()}
        with self._store.unit(principal.actor) as unit:
            lock_head(unit.session)
            self._may_edit(unit.session, principal, ref.name)
            now = self.current(unit.session, ref)
            self._refuse_if_moved(unit.session, now, expected_revision, edits)
            fields = self._fields(unit, now, edits, principal.person_id)
            if fields == dict(now.fields):
                return now
            return self._write(unit, now, fields, principal.person_id)

    def restore(
        self, principal: Principal, ref: ModelRef, number: int, expected_revision: int
    ) -> Card:
        """Make an earlier revision's words the newest revision.

        Raises
        ------
        NotPermitted
            When this person may not edit cards of the model.
        NotFound
            When there is no such revision.
        CardMoved
            When the card moved on since it was shown.
        """
        with self._store.unit(principal.actor) as unit:
            lock_head(unit.session)
            self._may_edit(unit.session, principal, ref.name)
            now = self.current(unit.session, ref)
            if now.revision != expected_revision:
                raise CardMoved(_MOVED.format(now.revision), {}, now)
            earlier = self.revision(unit.session, ref, number)
            if dict(earlier.fields) == dict(now.fields):
                return now
            return self._write(unit, now, dict(earlier.fields), principal.person_id)

    # inside

    def _refuse_if_moved(
        self, session: Session, now: Card, expected: int, edits: Mapping[str, FieldEdit]
    ) -> None:
        if now.revision == expected:
            return
        shown = self.revision(session, now.ref, expected)
        clash = rules.moved(shown, now, edits)
        if clash:
            raise CardMoved(_MOVED.format(now.revision), edits, now)

    def _fields(
        self, unit: UnitOfWork, now: Card, edits: Mapping[str, FieldEdit], by: str
    ) -> dict[str, Field]:
        standing = self._digests(unit.session, now.ref)
        fields = rules.edited(now, edits, by, unit.now)
        for name in edits:
            field = fields[name]
            if field.at == unit.now and field.kind is FieldKind.HUMAN:
                cited = {metric.split(".", 1)[0] for metric, _ in references(field.text)}
                kept = tuple((k, d) for k, d in sorted(standing.items()) if k in cited or k == name)
                fields[name] = rules.with_evidence(field, kept)
        return fields

    def _digests(self, session: Session, ref: ModelRef) -> dict[str, str]:
        found = self._evidence.latest_by_kind(session, ref)
        return {str(kind): evidence.payload_sha256 for kind, evidence in found.items()}

    def _write(self, unit: UnitOfWork, now: Card, fields: dict[str, Field], author: str) -> Card:
        ref = now.ref
        sha256 = self._archive.put(canonical(rules.content(ref, fields)))
        card = Card(ref, now.revision + 1, fields, sha256, author, unit.now)
        seq = unit.event(
            "card:revised",
            ("card", f"{ref.name}/{ref.version}"),
            model=ref.name,
            version=ref.version,
            run_id=ref.run_id,
            revision=card.revision,
            sections=[each.name for each in rules.differences(now, card)],
            before=now.sha256,
            after=sha256,
        )
        repository.write(unit.session, card, unit.now, seq)
        return card


_MOVED = (
    "Somebody else has written here meanwhile (the card is at revision {}); nothing was stored, "
    "your text is kept: compare both and save again."
)
