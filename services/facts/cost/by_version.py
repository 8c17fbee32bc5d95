"""What the lines of one model come to by version, and its newest lines; read from the lines themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from services.facts.cost.records import CostDayRecord, CostEntryRecord
from services.facts.cost.repository import about, line, within
from services.facts.cost.types import CostKind, Line
from services.kernel.money import MICRO, Money

R, D = CostEntryRecord, CostDayRecord


@dataclass(frozen=True, slots=True)
class VersionCost:
    """What some lines of one version, kind and currency come to.

    Attributes
    ----------
    version
        None for what belongs to the model and to no version of it.
    amount
        None where none of the lines has a price.
    unpriced
        Lines without a price that nobody corrected since.
    requests
        Predictions that were paid for.
    kwh, kg
        Energy and CO2e of the lines that know any; None where none does.
    first
        When the first of them begins.
    """

    version: int | None
    kind: CostKind
    amount: Money | None
    lines: int
    unpriced: int
    estimated: int
    requests: int
    kwh: Decimal | None
    kg: Decimal | None
    first: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """Which runs and tickets made which version; their lines were written before it had a number."""

    runs: Mapping[str, int] = field(default_factory=dict[str, int])
    tickets: Mapping[str, int] = field(default_factory=dict[str, int])

    def version(self, run_id: str, ticket_id: str) -> int | None:
        """Return the version that a run or a ticket made; None for one that made none."""
        return self.runs.get(run_id) or self.tickets.get(ticket_id)


def sums(
    session: Session, model: str, start: datetime, end: datetime, made: Made | None = None
) -> list[VersionCost]:
    """Return what the lines of a model that begin in a stretch come to, by version and kind."""
    made = made or Made()
    micros: Any = col(R.micros)
    other: Any = aliased(R)
    corrected = sa.exists().where(other.corrects == col(R.source_id), other.corrects != "")
    keys = [
        col(R.version), _of(col(R.run_id), made.runs), _of(col(R.ticket_id), made.tickets),
        col(R.kind), col(R.currency),
    ]  # fmt: skip
    chosen = (
        sa.select(
            *keys,
            sa.func.sum(micros // MICRO), sa.func.sum(micros % MICRO), sa.func.count(),
            sa.func.sum(sa.case((sa.and_(micros.is_(None), ~corrected), 1), else_=0)),
            sa.func.sum(sa.case((col(R.estimated), 1), else_=0)),
            sa.func.sum(sa.func.coalesce(col(R.requests), 0)),
            sa.func.sum(col(R.kwh_micros)), sa.func.sum(col(R.kg_micros)),
            sa.func.min(col(R.starts_at)),
        )
        .where(*about(model), within(start, end))
        .group_by(*keys)
        .order_by(*keys)
    )  # fmt: skip
    return [_cost(row, made) for row in session.execute(chosen)]


def _of(column: Any, known: Mapping[str, int]) -> Any:
    """Return a column of which only known values count, so that groups stay few."""
    return sa.case((column.in_(list(known)), column), else_=sa.literal_column("''"))


def serving(session: Session, start: datetime, end: datetime) -> list[tuple[str, int]]:
    """Return the versions that lines of a stretch say they served, by model and number."""
    chosen = (
        sa.select(col(R.model), col(R.version))
        .where(within(start, end), col(R.kind) == CostKind.SERVING.value)
        .where(col(R.version).is_not(None), col(R.model) != "")
        .distinct()
        .order_by(col(R.model), col(R.version))
    )
    return [(model, version) for model, version in session.execute(chosen)]


def making(session: Session, since: date) -> dict[str, tuple[int, ...]]:
    """Return the models that something was made for since a day, each with what changes when its sums do."""
    keys = (col(D.lines), col(D.unpriced), col(D.micros) // MICRO, col(D.micros) % MICRO)
    chosen = (
        sa.select(col(D.model), *(sa.func.sum(each) for each in keys))
        .where(col(D.day) >= since, col(D.model) != "")
        .where(col(D.kind).in_([CostKind.TRAINING.value, CostKind.SEARCH.value]))
        .group_by(col(D.model))
        .order_by(col(D.model))
    )
    return {row[0]: tuple(int(each) for each in row[1:]) for row in session.execute(chosen)}


def newest(
    session: Session, model: str, start: datetime, end: datetime, most: int, version: int | None
) -> list[Line]:
    """Return the newest lines of a model that begin in a stretch; of one version, or of all."""
    chosen = select(R).where(*about(model), within(start, end))
    if version is not None:
        chosen = chosen.where(col(R.version) == version)
    rows = session.exec(chosen.order_by(col(R.starts_at).desc(), col(R.source_id)).limit(most))
    return [line(row) for row in rows]


def _cost(row: Sequence[Any], made: Made) -> VersionCost:
    version, run_id, ticket_id, kind, currency, whole, rest, lines, *more = row
    unpriced, estimated, requests, kwh, kg, first = more
    amount = Money(currency, int(whole) * MICRO + int(rest)) if currency else None
    return VersionCost(
        version or made.version(run_id, ticket_id), CostKind(kind), amount, int(lines),
        int(unpriced), int(estimated), int(requests), _units(kwh), _units(kg), first,
    )  # fmt: skip


def _units(millionths: Any) -> Decimal | None:
    return Decimal(int(millionths)) / MICRO if millionths is not None else None
