"""Rows of prices and rates in, their nouns out."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.kernel.identity import new_id
from services.kernel.money import Money
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.price.records import ExchangeRecord, PriceRecord
from services.standards.price.types import Exchange, Market, Price, Term

R, X = PriceRecord, ExchangeRecord


def prices(
    session: Session, skus: Collection[str] | None = None, known_at: datetime | None = None
) -> list[Price]:
    """Return prices by sku and date.

    Parameters
    ----------
    skus
        None for all.
    known_at
        As they were known at an instant; None means now.
    """
    chosen = select(R).where(standing(R, known_at)).order_by(col(R.sku), col(R.starts_at))
    if skus is not None:
        chosen = chosen.where(col(R.sku).in_(list(skus)))
    return [_price(row) for row in session.exec(chosen)]


def by_id(session: Session, price_id: str) -> Price | None:
    """Return one price as it is known now."""
    row = session.exec(select(R).where(standing(R), col(R.price_id) == price_id)).first()
    return _price(row) if row else None


def write(unit: UnitOfWork, price: Price, seq: int) -> None:
    """Make this the standing version of a price."""
    known = select(R).where(standing(R), col(R.price_id) == price.price_id)
    for row in unit.session.exec(known):
        close(row, unit.now)
    unit.session.add(
        R(
            row_id=new_id(),
            price_id=price.price_id,
            sku=price.sku,
            unit=price.unit,
            provider=price.market.provider,
            region=price.market.region,
            term=price.market.term.value,
            currency=price.amount.currency,
            micros=price.amount.micros,
            starts_at=price.starts_at,
            ends_at=price.ends_at,
            source=price.source,
            sample=price.sample,
            published_by=price.published_by,
            published_at=price.published_at,
            valid_from=unit.now,
            event_seq=seq,
        )
    )
    unit.session.flush()


def exchanges(session: Session, at: datetime) -> list[Exchange]:
    """Return the rate of each pair of currencies that holds at an instant: the newest until then."""
    newest = (
        sa.select(col(X.base), col(X.quote), sa.func.max(col(X.starts_at)).label("starts_at"))
        .where(col(X.starts_at) <= at)
        .group_by(col(X.base), col(X.quote))
        .subquery()
    )
    held = select(X).join(
        newest,
        sa.and_(
            col(X.base) == newest.c.base,
            col(X.quote) == newest.c.quote,
            col(X.starts_at) == newest.c.starts_at,
        ),
    )
    rows = session.exec(held.order_by(col(X.base), col(X.quote)))
    return [Exchange(r.base, r.quote, Decimal(r.each), r.starts_at, r.source) for r in rows]


def all_exchanges(session: Session) -> list[Exchange]:
    """Return every rate, of each pair the newest first."""
    order = (col(X.base), col(X.quote), col(X.starts_at).desc())
    return [
        Exchange(r.base, r.quote, Decimal(r.each), r.starts_at, r.source)
        for r in session.exec(select(X).order_by(*order))
    ]


def exchange_at(session: Session, exchange: Exchange) -> Exchange | None:
    """Return the rate that is known of the same pair and instant."""
    row = session.get(X, (exchange.base, exchange.quote, exchange.starts_at))
    return Exchange(row.base, row.quote, Decimal(row.each), row.starts_at, row.source) if row else None  # fmt: skip


def add_exchange(unit: UnitOfWork, exchange: Exchange, seq: int) -> None:
    """Store a rate."""
    unit.session.add(
        X(
            base=exchange.base,
            quote=exchange.quote,
            starts_at=exchange.starts_at,
            each=str(exchange.each),
            source=exchange.source,
            published_by=unit.actor.id,
            event_seq=seq,
        )
    )
    unit.session.flush()


def _price(row: PriceRecord) -> Price:
    return Price(
        price_id=row.price_id,
        sku=row.sku,
        unit=row.unit,
        market=Market(row.provider, row.region, Term(row.term)),
        amount=Money(row.currency, row.micros),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        source=row.source,
        sample=row.sample,
        published_by=row.published_by,
        published_at=row.published_at,
    )
