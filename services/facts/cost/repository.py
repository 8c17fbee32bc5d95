"""Rows of the ledger in, lines and totals out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from services.facts.cost import bulk
from services.facts.cost.batch import NAMES, Batch, Stored, entry
from services.facts.cost.records import CostEntryRecord
from services.facts.cost.types import Line, Total
from services.kernel.error import InvalidInput
from services.kernel.money import MICRO, Money

R = CostEntryRecord
TABLE: sa.Table = R.__table__  # type: ignore[attr-defined]
PART = 5_000
GROUPS: dict[str, Any] = {
    "model": col(R.model),
    "team": col(R.team),
    "kind": col(R.kind),
    "ticket": col(R.ticket_id),
    "environment": col(R.environment),
    "experiment": col(R.experiment),
    "sku": col(R.sku),
    "run": col(R.run_id),
    "version": sa.func.coalesce(sa.cast(col(R.version), sa.String), ""),
}
MOST_GROUPS = 10_000
"""More groups than anybody reads are asked for in smaller parts."""


def there(session: Session, sources: Sequence[str]) -> set[str]:
    """Return of some sources those whose line is there."""
    return set(bulk.held(session, TABLE.c.source_id, sources))


def rows(session: Session, sources: Sequence[str]) -> Iterator[Stored]:
    """Yield the lines that are there of some sources, as their table has them."""
    columns = [TABLE.c[name] for name in NAMES]
    for start in range(0, len(sources), PART):
        part = sources[start : start + PART]
        for row in session.execute(sa.select(*columns).where(TABLE.c.source_id.in_(part))):
            yield Stored._make(row)


def families(session: Session, sources: Sequence[str]) -> dict[str, list[Stored]]:
    """Return lines with what corrects them, and what was charged anew in their place, by source.

    Notes
    -----
    What takes the place of ``a`` is called ``a:v2``, then ``a:v3``.
    """
    root = {each: each for each in sources}
    found: dict[str, list[Stored]] = {each: [] for each in sources}
    asked, number = list(sources), 2
    while asked:
        for each in rows(session, asked):
            found[root[each.source_id]].append(each)
        more = _corrections(session, asked)
        root |= {source: root[corrects] for source, corrects in more}
        again = {f"{each}:v{number}": each for each in sources}
        root |= again
        asked = [source for source, _ in more] + sorted(there(session, list(again)))
        number += 1
    return found


def _corrections(session: Session, sources: Sequence[str]) -> list[tuple[str, str]]:
    """Return what corrects some lines: its source, and the line's."""
    found: list[tuple[str, str]] = []
    for start in range(0, len(sources), PART):
        part = sources[start : start + PART]
        chosen = sa.select(TABLE.c.source_id, TABLE.c.corrects)
        where = (TABLE.c.corrects.in_(part), TABLE.c.corrects != "")
        found += [(row[0], row[1]) for row in session.execute(chosen.where(*where))]
    return found


def by_source(session: Session, sources: Sequence[str]) -> dict[str, Line]:
    """Return the lines that are there of some sources."""
    found: dict[str, Line] = {}
    for start in range(0, len(sources), PART):
        part = sources[start : start + PART]
        for row in session.exec(select(R).where(col(R.source_id).in_(part))):
            found[row.source_id] = line(row)
    return found


def corrected_already(session: Session, sources: Sequence[str]) -> set[str]:
    """Return which of some lines have a correction."""
    return set(bulk.held(session, TABLE.c.corrects, sources))


def add(session: Session, batch: Batch, now: datetime, seq: int) -> None:
    """Store lines."""
    size = len(batch)
    added = {"added_at": [now] * size, "event_seq": [seq] * size}
    bulk.insert(session, TABLE, {**batch.columns, **added})


def of_ticket(session: Session, ticket_id: str) -> list[Line]:
    """Return the lines of a ticket, oldest first."""
    chosen = select(R).where(col(R.ticket_id) == ticket_id, col(R.ticket_id) != "")
    rows = session.exec(chosen.order_by(col(R.starts_at), col(R.source_id)))
    return [line(row) for row in rows]


def of_run(session: Session, run_id: str) -> list[Line]:
    """Return the lines of a run of MLflow, in the order they were added."""
    chosen = select(R).where(col(R.run_id) == run_id, col(R.run_id) != "")
    rows = session.exec(chosen.order_by(col(R.event_seq), col(R.source_id)))
    return [line(row) for row in rows]


def of_model(session: Session, model: str, start: datetime, end: datetime) -> list[Line]:
    """Return the lines of a model that begin within a stretch, oldest first."""
    chosen = select(R).where(*about(model), within(start, end))
    rows = session.exec(chosen.order_by(col(R.starts_at), col(R.source_id)))
    return [line(row) for row in rows]


def of_tickets() -> sa.ColumnElement[bool]:
    """Return what chooses the lines that a ticket ordered."""
    return col(R.ticket_id) != ""


def totals(session: Session, by: Sequence[str], *where: sa.ColumnElement[bool]) -> list[Total]:
    """Return what lines come to by group and currency; unpriced lines stand with every currency.

    Notes
    -----
    Whole units and the rest are added apart: of SQLite's 64 bits no sum of the ledger runs out.
    """
    amount: Any = col(R.micros)
    keys = [GROUPS[name] for name in by]
    chosen = (
        sa.select(
            *keys,
            col(R.currency),
            sa.func.sum(amount // MICRO),
            sa.func.sum(amount % MICRO),
            sa.func.count(),
        )
        .where(amount.is_not(None), *where)
        .group_by(*keys, col(R.currency))
        .limit(MOST_GROUPS + 1)
    )
    missing = _unpriced(session, keys, where)
    rows = session.execute(chosen).all()
    refuse_many(len(rows))
    found = [
        Total(
            tuple(map(str, row[: len(by)])),
            Money(row[-4], int(row[-3]) * MICRO + int(row[-2])),
            row[-1],
            missing.get(tuple(row[: len(by)]), 0),
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (each.key, each.amount.currency))


def refuse_many(groups: int) -> None:
    """Refuse more groups than an answer has room for.

    Raises
    ------
    InvalidInput
        When there are more than ten thousand.
    """
    if groups > MOST_GROUPS:
        raise InvalidInput(
            f"These are more than {MOST_GROUPS:,} groups; ask for a day, a model or a team."
        )


def unpriced(
    session: Session, by: Sequence[str], *where: sa.ColumnElement[bool]
) -> dict[tuple[str, ...], int]:
    """Return how many lines of each group have no price and were not corrected since."""
    return _unpriced(session, [GROUPS[name] for name in by], where)


def _unpriced(
    session: Session, keys: Sequence[Any], where: Sequence[sa.ColumnElement[bool]]
) -> dict[tuple[str, ...], int]:
    other: Any = aliased(R)
    corrected = sa.exists().where(other.corrects == col(R.source_id), other.corrects != "")
    chosen = (
        sa.select(*keys, sa.func.count())
        .where(col(R.micros).is_(None), ~corrected, *where)
        .group_by(*keys)
        .limit(MOST_GROUPS + 1)
    )
    rows = session.execute(chosen).all()
    refuse_many(len(rows))
    return {tuple(row[:-1]): row[-1] for row in rows if row[-1]}


def within(start: datetime, end: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a line begins within a stretch."""
    return sa.and_(col(R.starts_at) >= start, col(R.starts_at) < end)


def about(
    model: str = "", team: str = "", ticket_id: str = "", experiment: str = ""
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a line belongs to those named; ``!= ''`` is what their indexes ask."""
    asked = (
        (col(R.model), model),
        (col(R.team), team),
        (col(R.ticket_id), ticket_id),
        (col(R.experiment), experiment),
    )
    return [sa.and_(column == value, column != "") for column, value in asked if value]


def line(row: CostEntryRecord) -> Line:
    """Return a row as a line."""
    return Line(entry(row), row.added_at, row.event_seq)
