"""What each month comes to by where it ran, and whether somebody billed it or we worked it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from services.facts.cost import tally as tallies
from services.facts.cost.records import CostEnvironmentRecord
from services.facts.cost.tally import Cell, Tally
from services.kernel.money import MICRO

R = CostEnvironmentRecord
TABLE: sa.Table = R.__table__  # type: ignore[attr-defined]
KEY = ("month", "environment", "currency", "estimated")
Key = tuple[date, str, str, bool]


@dataclass(frozen=True, slots=True)
class Side:
    """Lines of one environment and month, all billed or all our own.

    Attributes
    ----------
    estimated
        Whether they are our own: worked out, or measured by servers that report.
    currency
        Empty for lines without a price.
    """

    month: date
    environment: str
    currency: str
    estimated: bool
    micros: int
    lines: int


def add(session: Session, tally: Tally) -> None:
    """Add lines to their environments, but for those that a comparison wrote."""
    rows = [
        {
            **dict(zip(KEY, key, strict=True)),
            "units": sums.micros // MICRO,
            "micros": sums.micros % MICRO,
            "lines": sums.lines,
        }
        for (key, compared), sums in tallies.by(tally, _key).items()
        if sums.lines and not compared
    ]
    if rows:
        session.connection().execute(_upsert(session), rows)


def of_months(session: Session, since: date, until: date) -> list[Side]:
    """Return the sides of some months, the newest first; ``until`` is not among them."""
    chosen = select(R).where(col(R.month) >= since, col(R.month) < until)
    rows: Sequence[R] = session.exec(
        chosen.order_by(col(R.month).desc(), col(R.environment), col(R.currency), col(R.estimated))
    ).all()
    return [
        Side(r.month, r.environment, r.currency, r.estimated, r.units * MICRO + r.micros, r.lines)
        for r in rows
    ]


def _upsert(session: Session) -> Any:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    made: Any = sqlite.insert(TABLE) if is_sqlite else postgresql.insert(TABLE)
    more = {name: TABLE.c[name] + made.excluded[name] for name in ("units", "micros", "lines")}
    return made.on_conflict_do_update(index_elements=list(KEY), set_=more)


def _key(cell: Cell) -> tuple[Key, bool]:
    month = cell.day.replace(day=1)
    return (month, cell.environment, cell.currency, not cell.billed), cell.compared
