"""Rows of the ledger in, lines and totals out."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from services.facts.cost import bulk
from services.facts.cost.records import CostEntryRecord
from services.facts.cost.rules import micros
from services.facts.cost.types import Bearer, CostKind, Entry, Line, Method, Total, Use
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
}


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
    found: set[str] = set()
    for start in range(0, len(sources), PART):
        part = sources[start : start + PART]
        found |= set(
            session.exec(
                select(col(R.corrects)).where(col(R.corrects).in_(part), col(R.corrects) != "")
            )
        )
    return found


def add(session: Session, entries: Iterable[Entry], now: datetime, seq: int) -> None:
    """Store lines."""
    rows = [{**_values(each), "added_at": now, "event_seq": seq} for each in entries]
    bulk.insert(session, TABLE, rows)


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
    )
    missing = _unpriced(session, keys, where)
    found = [
        Total(
            tuple(map(str, row[: len(by)])),
            Money(row[-4], int(row[-3]) * MICRO + int(row[-2])),
            row[-1],
            missing.get(tuple(row[: len(by)]), 0),
        )
        for row in session.execute(chosen).all()
    ]
    return sorted(found, key=lambda each: (each.key, each.amount.currency))


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
    )
    return {tuple(row[:-1]): row[-1] for row in session.execute(chosen).all() if row[-1]}


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


def _values(entry: Entry) -> dict[str, Any]:
    bearer, use = entry.bearer, entry.use
    return {
        "source_id": entry.source_id,
        "kind": entry.kind.value,
        "sku": use.sku,
        "unit": use.unit,
        "quantity_micros": micros(use.quantity),
        "currency": entry.amount.currency if entry.amount else None,
        "micros": entry.amount.micros if entry.amount else None,
        "model": bearer.model,
        "version": bearer.version,
        "run_id": bearer.run_id,
        "team": bearer.team,
        "ticket_id": bearer.ticket_id,
        "environment": bearer.environment,
        "experiment": bearer.experiment,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
        "price_id": entry.price_id,
        "estimated": entry.estimated,
        "corrects": entry.corrects,
        "kwh_micros": micros(entry.kwh) if entry.kwh is not None else None,
        "kwh_source": entry.kwh_source,
        "kg_micros": micros(entry.kg) if entry.kg is not None else None,
        "grid_id": entry.grid_id,
        "requests": entry.requests,
        "method": entry.method.value,
    }


def line(row: CostEntryRecord) -> Line:
    """Return a row as a line."""
    entry = Entry(
        source_id=row.source_id,
        kind=CostKind(row.kind),
        use=Use(row.sku, row.unit, Decimal(row.quantity_micros) / MICRO),
        amount=Money(row.currency, row.micros) if row.currency and row.micros is not None else None,
        bearer=Bearer(
            row.model,
            row.version,
            row.run_id,
            row.team,
            row.ticket_id,
            row.environment,
            row.experiment,
        ),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        price_id=row.price_id,
        estimated=row.estimated,
        corrects=row.corrects,
        kwh=_whole(row.kwh_micros),
        kwh_source=row.kwh_source,
        kg=_whole(row.kg_micros),
        grid_id=row.grid_id,
        requests=row.requests,
        method=Method(row.method),
    )
    return Line(entry, row.added_at, row.event_seq)


def _whole(millionths: int | None) -> Decimal | None:
    return Decimal(millionths) / MICRO if millionths is not None else None
