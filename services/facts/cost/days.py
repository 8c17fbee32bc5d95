"""What each day comes to: a few rows in place of millions of lines, kept in the same transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.cost.records import CostDayRecord
from services.facts.cost.types import Entry, Total
from services.kernel.money import MICRO, Money

D = CostDayRecord
GROUPS: Mapping[str, Any] = {"model": col(D.model), "team": col(D.team), "kind": col(D.kind)}
Key = tuple[date, str, str, str, str]
Sums = dict[Key, list[int]]


def add(session: Session, entries: Sequence[Entry], corrected: Sequence[Entry]) -> None:
    """Add lines to their days.

    Parameters
    ----------
    corrected
        Lines without a price that one of ``entries`` corrects for the first time.

    Notes
    -----
    The unit of work holds the head of the trail by then: nobody else adds to the same day.
    """
    sums: Sums = defaultdict(lambda: [0, 0, 0])
    for each in entries:
        held = sums[_key(each)]
        held[0] += each.amount.micros if each.amount else 0
        held[1] += 1
        held[2] += each.amount is None
    for each in corrected:
        sums[_key(each)][2] -= 1
    known = {_of(row): row for row in _rows(session, {key[0] for key in sums})}
    for key, (micros, lines, unpriced) in sums.items():
        row = known.get(key)
        if row is None:
            session.add(D(**_named(key), micros=micros, lines=lines, unpriced=unpriced))
        else:
            row.micros += micros
            row.lines += lines
            row.unpriced += unpriced
    session.flush()


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


def _rows(session: Session, days: set[date]) -> list[CostDayRecord]:
    ordered = sorted(days)
    found: list[CostDayRecord] = []
    for at in range(0, len(ordered), 500):
        part = ordered[at : at + 500]
        found += session.exec(select(D).where(col(D.day).in_(part))).all()
    return found


def _key(entry: Entry) -> Key:
    day = entry.starts_at.astimezone(UTC).date()
    currency = entry.amount.currency if entry.amount else ""
    return day, entry.bearer.model, entry.bearer.team, entry.kind.value, currency


def _of(row: CostDayRecord) -> Key:
    return row.day, row.model, row.team, row.kind, row.currency


def _named(key: Key) -> dict[str, Any]:
    return dict(zip(("day", "model", "team", "kind", "currency"), key, strict=True))
