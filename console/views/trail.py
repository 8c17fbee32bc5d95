"""The audit trail: what happened, by whom, to what, and whether the chain holds."""

from dataclasses import dataclass

from console.views.event import EventRow


@dataclass(frozen=True, slots=True)
class ChainView:
    """What a verification found."""

    status: str
    word: str
    sentence: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TrailView:
    """A page of events, newest first."""

    sentence: str
    head: tuple[tuple[str, str], ...]
    rows: tuple[EventRow, ...]
    actions: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    older: str
    detail: tuple[tuple[str, str], ...] = ()
    envelope: str = ""
