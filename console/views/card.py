"""The card of a version: every field automatic, human, unknown or not applicable."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardField:
    """One field of the card.

    Attributes
    ----------
    kind
        ``auto``, ``human``, ``unknown`` or ``not_applicable``.
    note
        Where it comes from: the source, or who wrote it and when.
    """

    key: str
    title: str
    kind: str
    text: str
    note: str
    required: bool
    editable: bool
    asks: str = ""


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One kept revision."""

    revision: int
    when: str
    by: str
    changed: str
    sha256: str


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
