"""Home: what waits for me, what happened, what is due."""

from dataclasses import dataclass

from console.views.event import EventRow


@dataclass(frozen=True, slots=True)
class Tile:
    """One count of the attention strip and where it leads."""

    key: str
    icon: str
    count: int
    words: str
    page: str
    query: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One task of mine."""

    icon: str
    task: str
    model: str
    since: str
    due: str
    urgent: bool
    action: str
    page: str
    query: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DueRow:
    """Something that is due next."""

    due: str
    what: str
    where: str


@dataclass(frozen=True, slots=True)
class HomeView:
    """What the home page shows."""

    sentence: str
    tiles: tuple[Tile, ...]
    inbox: tuple[InboxRow, ...]
    inbox_note: str
    events: tuple[EventRow, ...]
    events_note: str
    due: tuple[DueRow, ...]
    measures: tuple[tuple[str, str, str], ...]
