"""What each day comes to: a few rows in place of millions of lines, kept in the same transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from services.facts.cost import environments, months
from services.facts.cost.dates import day_of
from services.facts.cost.records import CostDayRecord
from services.facts.cost.types import Entry, Total
from services.kernel.money import MICRO, Money

D = CostDayRecord
TABLE: sa.Table = D.__table__  # type: ignore[attr-defined]
GROUPS: Mapping[str, Any] = {"model": col(D.model), "team": col(D.team), "kind": col(D.kind)}
Key = tuple[date, str, str, str, str]
Sums = dict[Key, list[int]]


def add(session: Session, entries: Sequence[Entry], corrected: Sequence[Entry]) -> None:
    """Add lines to their days and months.

    Parameters
    ----------
    corrected
        Lines without a price that one of ``entries`` corrects for the first time.

    Notes
    -----
    The database adds, so that two who write at once lose nothing of each other.
    """
    sums: Sums = defaultdict(lambda: [0, 0, 0])
    for each in entries:
        held = sums[_key(each)]
        held[0] += each.amount.micros if each.amount else 0
        held[1] += 1
        held[2] += each.amount is None
    for each in corrected:
        sums[_key(each)][2] -= 1
    if sums:
        names = ("micros", "lines", "unpriced")
        rows = [
            {**_named(key), **dict(zip(names, held, strict=True))} for key, held in sums.items()
        ]
        session.connection().execute(_upsert(session), rows)
        months.add(session, entries, corrected)
        environments.add(session, entries)


def _upsert(session: Session) -> Any:
    """Return the statement that adds to a day, or begins it."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    made: Any = sqlite.insert(TABLE) if is_sqlite else postgresql.insert(TABLE)
    more = {name: TABLE.c[name] + made.excluded[name] for name in ("micros", "lines", "unpriced")}
    return made.on_conflict_do_update(
        index_elements=["day", "model", "team", "kind", "currency"], set_=more
    )


def totals(
    session: Session, start: datetime, end: datetime, by: Sequence[str], **about: str
) -> tuple[list[Total], dict[tuple[str, ...], int]]:
    """Return what whole days come to by group and currency, and how many lines have no price by group."""
    keys = [GROUPS[name] for name in by]
    where = [col(D.day) >= start.date(), col(D.day) < end.date()]
    where += [GROUPS[name] == value for name, value in about.items() if value]
    chosen = (
        sa.select(
            *keys,
            col(D.currency),
            sa.func.sum(col(D.micros) // MICRO),
            sa.func.sum(col(D.micros) % MICRO),
            sa.func.sum(col(D.lines)),
            sa.func.sum(col(D.unpriced)),
        )
        .where(*where)
        .group_by(*keys, col(D.currency))
    )
    rows = session.execute(chosen).all()
    unpriced: dict[tuple[str, ...], int] = defaultdict(int)
    for row in rows:
        unpriced[tuple(row[: len(by)])] += int(row[-1])
    found = [
        Total(
            tuple(row[: len(by)]),
            Money(row[-5], int(row[-4]) * MICRO + int(row[-3])),
            int(row[-2]),
            unpriced[tuple(row[: len(by)])],
        )
        for row in rows
        if row[-5]
    ]
    return (
        sorted(found, key=lambda each: (each.key, each.amount.currency)),
        {key: count for key, count in unpriced.items() if count},
    )


def are_whole(start: datetime, end: datetime, by: Sequence[str]) -> bool:
    """Tell whether days can answer: whole days in UTC, and groups that days know."""
    whole = all(each.astimezone(UTC).time() == datetime.min.time() for each in (start, end))
    return whole and set(by) <= set(GROUPS)


def _key(entry: Entry) -> Key:
    day = day_of(entry.starts_at)
    currency = entry.amount.currency if entry.amount else ""
    return day, entry.bearer.model, entry.bearer.team, entry.kind.value, currency


def _named(key: Key) -> dict[str, Any]:
    return dict(zip(("day", "model", "team", "kind", "currency"), key, strict=True))
