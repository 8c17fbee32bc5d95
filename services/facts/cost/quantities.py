"""What each day comes to in units: hours, requests, energy; kept in the same transaction as the lines.

Notes
-----
Only units that can be added up are kept; what a provider bills in units of its own stands in the lines.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from services.facts.cost.batch import Batch, Stored
from services.facts.cost.dates import day_of
from services.facts.cost.records import CostQuantityRecord
from services.kernel.money import MICRO

Q = CostQuantityRecord
TABLE: sa.Table = Q.__table__  # type: ignore[attr-defined]
UNITS = ("cpu-hour", "gb-hour", "gpu-hour", "instance-hour", "run-hour", "request-hour", "gb-month")
BY_TYPE = ("gpu-hour", "instance-hour")
REQUEST, KWH, KG = "request", "kwh", "kg-co2e"
MEASURED, ESTIMATED = "measured", "estimated"
KEY = ("day", "model", "team", "kind", "unit", "sku", "method")
GROUPS: dict[str, Any] = {"model": col(Q.model), "team": col(Q.team), "kind": col(Q.kind)}
Key = tuple[date, str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Quantity:
    """What lines of one group come to in units.

    Attributes
    ----------
    key
        Values in the order asked for.
    unit
        ``cpu-hour``, ``gb-hour``, ``gpu-hour``, ``instance-hour``, ``run-hour``, ``gb-month``,
        ``request``, ``kwh``, ``kg-co2e``.
    sku
        The type of a GPU or an instance; empty for other units.
    method
        How it is known; of energy ``measured`` or ``estimated``.
    """

    key: tuple[str, ...]
    unit: str
    sku: str
    method: str
    quantity: Decimal


def add(session: Session, batch: Batch) -> None:
    """Add what lines hold to their days; corrections take away what they take away."""
    sums: dict[Key, int] = defaultdict(int)
    for each in _holding(batch):
        for unit, sku, method, quantity in _held(each):
            sums[_key(each, unit, sku, method)] += quantity
    rows = [
        {**dict(zip(KEY, key, strict=True)), "whole": n // MICRO, "rest": n % MICRO}
        for key, n in sums.items()
        if n
    ]
    if rows:
        session.connection().execute(_upsert(session), rows)


def _holding(batch: Batch) -> Iterator[Stored]:
    """Yield the lines that hold anything to be kept: of a bill few do."""
    told = [[each in UNITS for each in batch["unit"]]]
    told += [[v is not None for v in batch[n]] for n in ("requests", "kwh_micros", "kg_micros")]
    places = [place for place, held in enumerate(zip(*told, strict=True)) if any(held)]
    return batch.only(places).rows()


def _held(line: Stored) -> Iterator[tuple[str, str, str, int]]:
    """Yield unit, type, method and millionths of everything that a line holds."""
    if line.unit in UNITS:
        sku = line.sku if line.unit in BY_TYPE else ""
        yield line.unit, sku, line.method, line.quantity_micros
    if line.requests is not None:
        yield REQUEST, "", line.method, line.requests * MICRO
    known = MEASURED if line.kwh_source.startswith(MEASURED) else ESTIMATED
    if line.kwh_micros is not None:
        yield KWH, "", known, line.kwh_micros
    if line.kg_micros is not None:
        yield KG, "", known, line.kg_micros


def _key(line: Stored, unit: str, sku: str, method: str) -> Key:
    return day_of(line.starts_at), line.model, line.team, line.kind, unit, sku, method


def _upsert(session: Session) -> Any:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    made: Any = sqlite.insert(TABLE) if is_sqlite else postgresql.insert(TABLE)
    more = {name: TABLE.c[name] + made.excluded[name] for name in ("whole", "rest")}
    return made.on_conflict_do_update(index_elements=list(KEY), set_=more)


def of_models(
    session: Session, start: date, end: date, models: Sequence[str]
) -> dict[str, dict[str, Decimal]]:
    """Return what some models come to over whole days, by model and unit; hours of all types together."""
    days = [start + timedelta(days=n) for n in range((end - start).days)]
    chosen = (
        sa.select(col(Q.model), col(Q.unit), sa.func.sum(col(Q.whole)), sa.func.sum(col(Q.rest)))
        .where(col(Q.day).in_(days), col(Q.model).in_(list(models)))
        .group_by(col(Q.model), col(Q.unit))
    )
    found: dict[str, dict[str, Decimal]] = {each: {} for each in models}
    for model, unit, whole, rest in session.execute(chosen):
        found[model][unit] = Decimal(int(whole)) + Decimal(int(rest)) / MICRO
    return found


def totals(
    session: Session, start: datetime, end: datetime, by: Sequence[str], **about: str
) -> list[Quantity]:
    """Return what whole days come to by group, unit, type and method.

    Parameters
    ----------
    by
        Of ``model team kind``.
    about
        ``model`` and ``team`` that a line must belong to; empty for any.
    """
    keys = [GROUPS[name] for name in by]
    where = [col(Q.day) >= start.date(), col(Q.day) < end.date()]
    where += [GROUPS[name] == value for name, value in about.items() if value]
    named = [*keys, col(Q.unit), col(Q.sku), col(Q.method)]
    chosen = (
        sa.select(*named, sa.func.sum(col(Q.whole)), sa.func.sum(col(Q.rest)))
        .where(*where)
        .group_by(*named)
        .order_by(*named)
    )
    return [
        Quantity(tuple(row[: len(by)]), row[-5], row[-4], row[-3], Decimal(int(row[-2])) + Decimal(int(row[-1])) / MICRO)
        for row in session.execute(chosen)
    ]  # fmt: skip
