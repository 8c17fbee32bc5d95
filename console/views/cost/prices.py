"""Prices: what things cost, from when to when, and who says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from console.format import day
from console.views.cost import factors
from console.views.cost.factors import FactorRow
from console.views.cost.quantity import per
from console.views.names import Names
from console.views.names import load as names_of
from services.people.account.types import Principal
from services.standards.price.rules import COLUMNS
from services.standards.price.types import UNITS, Exchange, Price, Term

if TYPE_CHECKING:
    from services.bootstrap.services import Services

TERMS = {each.value: each.value.replace("_", " ") for each in Term}


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price, in words.

    Attributes
    ----------
    status, word
        Whether it holds now.
    until
        When it ends; empty while nobody knows.
    """

    price_id: str
    status: str
    word: str
    sku: str
    market: str
    amount: str
    since: str
    until: str
    source: str
    who: str
    sample: bool


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate between currencies, in words."""

    words: str
    since: str
    source: str


@dataclass(frozen=True, slots=True)
class PricesView:
    """What the tab shows.

    Attributes
    ----------
    every
        Whether prices that ended are shown too; ``ended`` counts them.
    samples, samples_from
        How many of those that hold are only there to try the console out, and where they are from.
    ending
        What may be ended: its id, and what it is called.
    """

    rows: tuple[PriceRow, ...]
    rates: tuple[RateRow, ...]
    every: bool
    ended: int
    samples: int
    samples_from: str
    may_publish: bool
    ending: Mapping[str, str]
    today: str
    units: tuple[str, ...] = UNITS
    columns: str = ", ".join(COLUMNS)
    factors: tuple[FactorRow, ...] = ()


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> PricesView:
    """Return the tab."""
    now, every = services.clock.now(), query.get("prices") == "all"
    with services.store.reading() as session:
        found, rates = services.prices.all(session), services.prices.exchanges(session)
        names = names_of(services, session)
        grids = factors.holding(services, session, now)
    over = [each for each in found if _ended(each, now)]
    shown = found if every else [each for each in found if not _ended(each, now)]
    holding = [each for each in found if each.holds(now)]
    return PricesView(
        rows=tuple(_row(each, names, now) for each in shown),
        rates=tuple(_rate(each) for each in rates),
        every=every,
        ended=len(over),
        samples=sum(each.sample for each in holding),
        samples_from="; ".join(sorted({each.source for each in holding if each.sample})),
        may_publish=services.prices.may_publish(principal),
        ending={each.price_id: _called(each) for each in found if each.ends_at is None},
        today=f"{now:%Y-%m-%d}",
        factors=grids,
    )


def _ended(price: Price, now: datetime) -> bool:
    return price.ends_at is not None and price.ends_at <= now


def _row(price: Price, names: Names, now: datetime) -> PriceRow:
    holds, over = price.holds(now), _ended(price, now)
    status = "info" if holds else "none"
    return PriceRow(
        price_id=price.price_id,
        status=status,
        word="holds" if holds else "ended" if over else "from then on",
        sku=price.sku,
        market=price.market.words,
        amount=f"{Decimal(price.amount.decimal):,} {price.amount.currency} {per(price.unit)}",
        since=day(price.starts_at),
        until=day(price.ends_at) if price.ends_at else "",
        source=price.source,
        who=names.person(price.published_by),
        sample=price.sample,
    )


def _rate(rate: Exchange) -> RateRow:
    return RateRow(f"1 {rate.base} = {rate.each} {rate.quote}", day(rate.starts_at), rate.source)


def _called(price: Price) -> str:
    return f"{price.sku}, {price.market.words}, since {day(price.starts_at)}"
