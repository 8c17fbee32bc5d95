"""What a segment says of itself, looked at again only when its files changed."""

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from services.facts.prediction import segment


@dataclass(frozen=True)
class Seen:
    """What a segment said of itself when its files stood in some state."""

    state: int
    tally: Counter[str] = field(default_factory=Counter[str])
    kinds: frozenset[tuple[str, str]] = frozenset()
    first: datetime | None = None
    last: datetime | None = None


def look(connection: sqlite3.Connection, state: int) -> Seen:
    """Return what a segment says of itself.

    Parameters
    ----------
    state
        That of its files, taken before it was opened.
    """
    asked = "SELECT (SELECT min(at) FROM row), (SELECT max(at) FROM row)"
    first, last = connection.execute(asked).fetchone()
    tally, kinds = segment.tally(connection), segment.kinds(connection)
    return Seen(state, tally, kinds, _instant(first), _instant(last))


def drifted(kinds: frozenset[tuple[str, str]], before: frozenset[tuple[str, str]] | None) -> int:
    """Count columns of several kinds, and those whose kinds are not those of the day before."""
    several = {name for name, n in Counter(name for name, _ in kinds).items() if n > 1}
    return len(several | {name for name, _ in kinds ^ (kinds if before is None else before)})


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
