"""The card of a version: every field automatic, human, unknown or not applicable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, plural
from console.views import standing
from console.views.model import ModelHead
from console.views.names import Names
from console.views.names import load as names_of
from services.decisions.modelcard.numbers import Numbers, read
from services.decisions.modelcard.types import FIELDS, Card, Field, FieldKind, FieldSpec
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class CardField:
    """One field of the card.

    Attributes
    ----------
    kind
        ``auto``, ``human``, ``unknown`` or ``not_applicable``.
    note
        Where it comes from: the source, or who wrote it and when.
    text, written
        As it reads, with the measured numbers filled in, and as it was written: ``[[performance.auc]]``.
    """

    key: str
    title: str
    kind: str
    text: str
    note: str
    required: bool
    editable: bool
    asks: str = ""
    stale: bool = False
    written: str = ""


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One kept revision."""

    revision: int
    when: str
    by: str
    changed: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Compared:
    """How an earlier revision reads against the one that stands.

    Attributes
    ----------
    sections
        Title of each section that differs, with its lines: marked ``+`` added since, ``-`` taken
        away since, or a space for kept.
    """

    revision: int
    sections: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class CardView:
    """The card as it reads, and its history."""

    name: str
    version: int
    revision: int
    sha256: str
    complete: str
    missing: tuple[str, ...]
    fields: tuple[CardField, ...]
    revisions: tuple[RevisionRow, ...]
    may_edit: bool
    why_not: str
    markdown: str
    compared: Compared | None = None


_MEASURED = frozenset({"metrics"})
_MOST = 20


def load(
    services: "Services", principal: Principal, head: ModelHead, against: str = ""
) -> CardView:
    """Return the card of a version as it reads now, and its history.

    Parameters
    ----------
    against
        The number of an earlier revision to compare with; anything else compares with none.
    """
    now = services.clock.now()
    with services.store.reading() as session:
        ref = services.registry.ref(session, head.name, head.version)
        names = names_of(services, session)
        found = services.cards.current(session, ref)
        outdated = services.cards.outdated(session, found)
        known = services.cards.numbers(session, ref)
        kept = services.cards.revisions(session, ref)
        policy = standing.policy_of(services, session, head.name, head.alias)
        governed = services.governance.of(session, head.name)
        compared = _compared(services, session, found, against)
    required = frozenset(policy.card_required) if policy else frozenset[str]()
    team = governed.team_id if governed else None
    may = services.authority.permits(principal, Action.CARD_EDIT, model=head.name, team=team)
    page = _Page(found, names, required, outdated, now, known)
    fields = tuple(page.field(spec) for spec in FIELDS.values())
    missing = tuple(f.title for f in fields if f.required and f.kind == "unknown")
    return CardView(
        head.name, head.version, found.revision, found.sha256,
        f"{len(required) - len(missing)} of {plural(len(required), 'required field')}",
        missing, fields, tuple(page.revision(*pair) for pair in pairs(kept)[:_MOST]), may,
        "A contributor or the owner of this model may edit its card.", markdown(found, names, known),
        compared,
    )  # fmt: skip


def _compared(services: "Services", session: Session, card: Card, against: str) -> Compared | None:
    if not against.isdecimal() or not 0 < int(against) < card.revision:
        return None
    changed = services.cards.diff(session, card.ref, int(against), card.revision)
    sections = tuple((each.title, tuple(each.lines)) for each in changed)
    return Compared(int(against), sections)


@dataclass(frozen=True, slots=True)
class _Page:
    card: Card
    names: Names
    required: frozenset[str]
    outdated: Mapping[str, tuple[str, ...]]
    now: datetime
    known: Numbers

    def field(self, spec: FieldSpec) -> CardField:
        found = self.card.fields.get(spec.name) or Field(FieldKind.UNKNOWN)
        text = read(found, self.known)
        return CardField(
            spec.name, spec.title, found.kind.value, text or found.source
            if found.kind is FieldKind.NOT_APPLICABLE else text,
            self._note(spec, found), spec.name in self.required, spec.name not in _MEASURED,
            spec.help, spec.name in self.outdated, found.text,
        )  # fmt: skip

    def _note(self, spec: FieldSpec, found: Field) -> str:
        if found.kind is FieldKind.UNKNOWN:
            return "nobody wrote it yet"
        if found.kind is FieldKind.AUTO:
            return found.source
        said = f"{self.names.person(found.by)}, {ago(found.at, self.now)}"
        changed = self.outdated.get(spec.name)
        return f"{said}; {', '.join(changed)} was measured again since" if changed else said

    def revision(self, before: Card | None, after: Card) -> RevisionRow:
        titles = [
            FIELDS[name].title
            for name, field in after.fields.items()
            if before is not None and before.fields.get(name) != field and name in FIELDS
        ]
        changed = ", ".join(titles) or ("drafted from the run" if before is None else "nothing")
        by = self.names.person(after.author)
        return RevisionRow(after.revision, ago(after.at, self.now), by, changed, after.sha256)


def pairs(kept: Sequence[Card]) -> list[tuple[Card | None, Card]]:
    """Return each revision with the one before it, newest first."""
    older: list[Card | None] = [*kept[1:], None]
    return list(zip(older, kept, strict=False))


def markdown(card: Card, names: Names, known: Numbers) -> str:
    """Return the card as a document in Markdown, with the measured numbers filled in."""
    lines = [f"# {card.ref.label}", "", f"Revision {card.revision}, SHA-256 {card.sha256}", ""]
    for spec in FIELDS.values():
        found = card.fields.get(spec.name) or Field(FieldKind.UNKNOWN)
        by = f" ({names.person(found.by)})" if found.by else ""
        text = read(found, known) or found.source or "UNKNOWN"
        kind = found.kind.value.replace("_", " ")
        lines += [f"## {spec.title}", "", f"*{kind}*{by}", "", text, ""]
    return "\n".join(lines)
