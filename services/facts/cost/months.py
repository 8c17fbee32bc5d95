"""What each month comes to, kept in the same transaction as its lines."""

from collections import defaultdict
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from services.facts.cost.records import CostMonthRecord
from services.facts.cost.tally import Cell, Tally
from services.kernel.money import MICRO

TABLE: sa.Table = CostMonthRecord.__table__  # type: ignore[attr-defined]
KEY = ("month", "model", "team", "kind", "currency")
SUMS = ("units", "micros", "estimated_units", "estimated", "lines", "unpriced")
Key = tuple[date, str, str, str, str]


def add(session: Session, tally: Tally) -> None:
    """Add lines to their months."""
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for cell, found in tally.items():
        held = sums[_key(cell)]
        held[0] += found.micros
        held[1] += found.micros if cell.estimated else 0
        held[2] += found.lines
        held[3] += found.unpriced
    rows = [
        {
            **dict(zip(KEY, key, strict=True)),
            **dict(
                zip(SUMS, (*divmod(spent, MICRO), *divmod(estimated, MICRO), *rest), strict=True)
            ),
        }
        for key, (spent, estimated, *rest) in sums.items()
    ]
    if rows:
        session.connection().execute(_upsert(session), rows)


def _upsert(session: Session) -> Any:
    """Return the statement that adds to a month, or begins it."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    made: Any = sqlite.insert(TABLE) if is_sqlite else postgresql.insert(TABLE)
    more = {name: TABLE.c[name] + made.excluded[name] for name in SUMS}
    return made.on_conflict_do_update(index_elements=list(KEY), set_=more)


def _key(cell: Cell) -> Key:
    return cell.day.replace(day=1), cell.model, cell.team, cell.kind, cell.currency
