"""What each month comes to, kept in the same transaction as its lines."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from services.facts.cost.dates import month_of
from services.facts.cost.records import CostMonthRecord
from services.facts.cost.types import Entry
from services.kernel.money import MICRO

TABLE: sa.Table = CostMonthRecord.__table__  # type: ignore[attr-defined]
KEY = ("month", "model", "team", "kind", "currency")
SUMS = ("units", "micros", "estimated_units", "estimated", "lines", "unpriced")
Key = tuple[date, str, str, str, str]


def add(session: Session, entries: Sequence[Entry], corrected: Sequence[Entry]) -> None:
    """Add lines to their months.

    Parameters
    ----------
    corrected
        Lines without a price that one of ``entries`` corrects for the first time.
    """
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for each in entries:
        held, micros = sums[_key(each)], each.amount.micros if each.amount else 0
        held[0] += micros
        held[1] += micros if each.estimated else 0
        held[2] += 1
        held[3] += each.amount is None
    for each in corrected:
        sums[_key(each)][3] -= 1
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


def _key(entry: Entry) -> Key:
    month = month_of(entry.starts_at)
    currency = entry.amount.currency if entry.amount else ""
    return month, entry.bearer.model, entry.bearer.team, entry.kind.value, currency
