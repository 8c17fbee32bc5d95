"""What was spent over days and months, read from their few rows and never from the lines."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from services.facts.cost import days, months, repository
from services.kernel.money import MICRO, Money

DAYS, TEAMS, MONTHS, LINES = days.TABLE, days.TEAMS, months.TABLE, repository.TABLE
_DATES: Mapping[str, sa.Column[Any]] = MappingProxyType(
    {DAYS.name: DAYS.c.day, TEAMS.name: TEAMS.c.day, MONTHS.name: MONTHS.c.month}
)


@dataclass(frozen=True, slots=True)
class About:
    """Which rows count; empty for any.

    Attributes
    ----------
    currency
        Rows without a price have none and count then, too.
    models, teams
        What somebody may see: these models, and what no model but one of these teams bears.
        None for everything.
    of
        Only these models, among those; an empty name is what no model bears. None for all.
    """

    model: str = ""
    team: str = ""
    kind: str = ""
    currency: str = ""
    models: Collection[str] | None = None
    teams: Collection[str] = ()
    of: Collection[str] | None = None

    @property
    def tells_models_apart(self) -> bool:
        """Tell whether what counts depends on the model."""
        return bool(self.model) or self.models is not None or self.of is not None

    def only(self, models: Collection[str]) -> "About":
        """Return the same, of some models alone."""
        return replace(self, of=models)


@dataclass(frozen=True, slots=True)
class Sum:
    """What rows of one group and currency come to.

    Attributes
    ----------
    key
        Values in the order asked for; a day or a month as ISO writes it.
    amount
        None where no line of them has a price.
    estimated
        Of the amount, what was worked out rather than billed; None where nobody kept it.
    """

    key: tuple[str, ...]
    amount: Money | None
    lines: int
    unpriced: int
    estimated: Money | None = None


def of_days(
    session: Session, start: date, end: date, by: Sequence[str], about: About | None = None
) -> list[Sum]:
    """Return what days come to, from the first to before the end, by ``date model team kind``."""
    asked = about or About()
    table = DAYS if "model" in by or asked.tells_models_apart else TEAMS
    return _read(session, table, (start, end), by, asked)


def of_months(
    session: Session, start: date, end: date, by: Sequence[str], about: About | None = None
) -> list[Sum]:
    """Return what whole months come to, by ``date model team kind``; both ends are first days."""
    return _read(session, MONTHS, (start, end), by, about or About())


def largest(
    session: Session, table: sa.Table, within: tuple[date, date], about: About, most: int
) -> tuple[list[str], int]:
    """Return the models that cost most in a currency, and how many cost anything or have no price.

    Lines of no model at all are none of them.
    """
    where = [*_where(table, within, about), table.c.model != ""]
    whole, rest = (sa.func.sum(each) for each in _parts(table, "micros"))
    first = (
        sa.select(table.c.model)
        .where(*where)
        .group_by(table.c.model)
        .order_by(whole.desc(), rest.desc(), table.c.model)
        .limit(most)
    )
    count = sa.select(sa.func.count(sa.distinct(table.c.model))).where(*where)
    return [row[0] for row in session.execute(first)], session.execute(count).scalar_one()


def currencies(session: Session, start: date, end: date, about: About) -> list[str]:
    """Return the currencies of whole months, the one with most lines first."""
    table = MONTHS
    chosen = (
        sa.select(table.c.currency)
        .where(*_where(table, (start, end), about), table.c.currency != "")
        .group_by(table.c.currency)
        .order_by(sa.func.sum(table.c.lines).desc(), table.c.currency)
    )
    return [row[0] for row in session.execute(chosen)]


@dataclass(frozen=True, slots=True)
class Lately:
    """What one model cost in one currency over some days, and over as many before them."""

    amount: Money
    before: Money


@dataclass(frozen=True, slots=True)
class ModelSpend:
    """What one model cost lately; the currency with most first.

    Attributes
    ----------
    unpriced
        Its lines of those days without a price: the amounts are not all there is.
    """

    spent: tuple[Lately, ...] = ()
    unpriced: int = 0


NOTHING_SPENT = ModelSpend()


def lately(session: Session, until: date, length: int) -> dict[str, ModelSpend]:
    """Return what every model cost in so many days before one, in one query for all of them."""
    days_, start = DAYS.c, until - timedelta(days=length)
    now = sa.case((days_.day >= start, days_.micros), else_=0)
    before = sa.case((days_.day < start, days_.micros), else_=0)
    chosen = (
        sa.select(
            days_.model, days_.currency,
            *(sa.func.sum(part) for each in (now, before) for part in (each // MICRO, each % MICRO)),
            sa.func.sum(sa.case((days_.day >= start, days_.unpriced), else_=0)),
        )
        .where(days_.day >= start - timedelta(days=length), days_.day < until)
        .group_by(days_.model, days_.currency)
    )  # fmt: skip
    spent: dict[str, list[Lately]] = {}
    unpriced: dict[str, int] = {}
    for model, currency, whole, rest, past, past_rest, missing in session.execute(chosen):
        unpriced[model] = unpriced.get(model, 0) + int(missing)
        if currency:
            amounts = (int(whole) * MICRO + int(rest), int(past) * MICRO + int(past_rest))
            held = Lately(*(Money(currency, each) for each in amounts))
            spent.setdefault(model, []).append(held)
    return {
        model: ModelSpend(
            tuple(sorted(spent.get(model, ()), key=lambda each: -each.amount.micros)), count
        )
        for model, count in unpriced.items()
    }


def rest_on(
    session: Session, prices: Collection[str], start: datetime, end: datetime, model: str = ""
) -> bool:
    """Tell whether any line that begins in a stretch was worked out by one of some prices."""
    said = [LINES.c.price_id.in_(list(prices)), LINES.c.price_id != ""]
    said += [LINES.c.starts_at >= start, LINES.c.starts_at < end]
    said += [LINES.c.model == model] if model else []
    return bool(session.execute(sa.select(sa.exists().where(*said))).scalar_one())


def _read(
    session: Session, table: sa.Table, within: tuple[date, date], by: Sequence[str], about: About
) -> list[Sum]:
    keys = [_DATES[table.name] if name == "date" else table.c[name] for name in by]
    sums: list[Any] = [*_parts(table, "micros"), table.c.lines, table.c.unpriced]
    sums += _parts(table, "estimated") if "estimated" in table.c else ()
    chosen = (
        sa.select(*keys, table.c.currency, *(sa.func.sum(each) for each in sums))
        .where(*_where(table, within, about))
        .group_by(*keys, table.c.currency)
        .order_by(*keys, table.c.currency)
    )
    size = len(keys)
    return [_sum(tuple(map(str, row[:size])), row[size:]) for row in session.execute(chosen)]


def _parts(table: sa.Table, name: str) -> tuple[Any, Any]:
    """Return whole units of the currency and the rest: of 64 bits no sum of either runs out."""
    if table is not DAYS:
        return table.c["units" if name == "micros" else f"{name}_units"], table.c[name]
    return table.c[name] // MICRO, table.c[name] % MICRO


def _sum(key: tuple[str, ...], row: Sequence[Any]) -> Sum:
    currency, whole, rest, lines, unpriced = row[:5]
    if not currency:
        return Sum(key, None, int(lines), int(unpriced))
    amount = Money(currency, int(whole) * MICRO + int(rest))
    estimated = Money(currency, int(row[5]) * MICRO + int(row[6])) if len(row) > 5 else None
    return Sum(key, amount, int(lines), int(unpriced), estimated)


def _where(
    table: sa.Table, within: tuple[date, date], about: About
) -> list[sa.ColumnElement[bool]]:
    at = _DATES[table.name]
    where = [at >= within[0], at < within[1]]
    named = (("model", about.model), ("team", about.team), ("kind", about.kind))
    where += [table.c[name] == value for name, value in named if value]
    if about.currency:
        where.append(table.c.currency.in_((about.currency, "")))
    if about.models is not None:
        seen = table.c.model.in_(list(about.models))
        shared = sa.and_(table.c.model == "", table.c.team.in_(list(about.teams)))
        where.append(sa.or_(seen, shared))
    if about.of is not None:
        where.append(table.c.model.in_(list(about.of)))
    return where
