"""What each day comes to: a few rows in place of millions of lines, kept in the same transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from services.facts.cost import environments, months
from services.facts.cost import tally as tallies
from services.facts.cost.records import CostDayRecord, CostTeamDayRecord
from services.facts.cost.tally import Cell, Tally
from services.facts.cost.types import Total
from services.kernel.money import MICRO, Money

D = CostDayRecord
TABLE: sa.Table = D.__table__  # type: ignore[attr-defined]
TEAMS: sa.Table = CostTeamDayRecord.__table__  # type: ignore[attr-defined]
GROUPS: Mapping[str, Any] = {"model": col(D.model), "team": col(D.team), "kind": col(D.kind)}
Key = tuple[date, str, str, str, str]


def add(session: Session, tally: Tally) -> None:
    """Add lines to their days, months and environments.

    Notes
    -----
    The database adds, so that two who write at once lose nothing of each other.
    """
    if tally:
        _add(session, TABLE, {key: each._asdict() for key, each in tallies.by(tally, _key).items()})
        _add(session, TEAMS, {key: _apart(each) for key, each in tallies.by(tally, _team).items()})
        months.add(session, tally)
        environments.add(session, tally)


def _apart(sums: tallies.Sum) -> dict[str, int]:
    """Return sums with whole units and millionths apart: a day of all models is larger than one's."""
    units, micros = divmod(sums.micros, MICRO)
    return {"units": units, "micros": micros, "lines": sums.lines, "unpriced": sums.unpriced}


def _add(session: Session, table: sa.Table, sums: Mapping[Any, Mapping[str, int]]) -> None:
    """Add to days, or begin them."""
    names = [each.name for each in table.primary_key]
    rows = [{**dict(zip(names, key, strict=True)), **held} for key, held in sums.items()]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    made: Any = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    more = {
        each.name: each + made.excluded[each.name] for each in table.c if each.name not in names
    }
    session.connection().execute(made.on_conflict_do_update(index_elements=names, set_=more), rows)


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


def _key(cell: Cell) -> Key:
    return cell.day, cell.model, cell.team, cell.kind, cell.currency


def _team(cell: Cell) -> tuple[date, str, str, str]:
    return cell.day, cell.team, cell.kind, cell.currency
