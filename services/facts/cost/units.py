"""What lines come to in units by whatever they say: read from the lines, where no day keeps the group."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from services.facts.cost import quantities, repository
from services.facts.cost.quantities import Quantity
from services.facts.cost.records import CostEntryRecord
from services.kernel.money import MICRO

R = CostEntryRecord


def totals(session: Session, by: Sequence[str], *where: sa.ColumnElement[bool]) -> list[Quantity]:
    """Return what lines come to by group, unit, type and method; see :mod:`quantities` for the units.

    Raises
    ------
    InvalidInput
        As :func:`services.facts.cost.repository.refuse_many`.
    """
    keys = [repository.GROUPS[name] for name in by]
    found: list[Quantity] = []
    for unit, sku, method, held, said in _told():
        amount: Any = held
        named = [*keys, unit, sku, method]
        chosen = (
            sa.select(*named, sa.func.sum(amount // MICRO), sa.func.sum(amount % MICRO))
            .where(said, *where)
            .group_by(*(each for each in named if not getattr(each, "is_literal", False)))
            .limit(repository.MOST_GROUPS + 1)
        )
        rows = session.execute(chosen).all()
        repository.refuse_many(len(rows))
        found += [_quantity(row, len(by)) for row in rows]
    return sorted(found, key=lambda each: (each.key, each.unit, each.sku, each.method))


def _told() -> Iterator[tuple[Any, Any, Any, Any, sa.ColumnElement[bool]]]:
    """Yield unit, type, method and millionths of what lines may hold, and which lines do."""
    kind: Any = col(R.unit)
    sku = sa.case((kind.in_(quantities.BY_TYPE), col(R.sku)), else_=_word(""))
    yield kind, sku, col(R.method), col(R.quantity_micros), kind.in_(quantities.UNITS)
    asked: Any = col(R.requests)
    yield _word(quantities.REQUEST), _word(""), col(R.method), asked * MICRO, asked.is_not(None)
    measured = col(R.kwh_source).startswith(quantities.MEASURED)
    known = sa.case((measured, _word(quantities.MEASURED)), else_=_word(quantities.ESTIMATED))
    for unit, held in ((quantities.KWH, col(R.kwh_micros)), (quantities.KG, col(R.kg_micros))):
        yield _word(unit), _word(""), known, held, held.is_not(None)


def _word(text: str) -> Any:
    return sa.literal_column(f"'{text}'")


def _quantity(row: Sequence[Any], size: int) -> Quantity:
    whole = Decimal(int(row[-2])) + Decimal(int(row[-1])) / MICRO
    unit, sku, method = (str(each) for each in row[size : size + 3])
    return Quantity(tuple(map(str, row[:size])), unit, sku, method, whole)
