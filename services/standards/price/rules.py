"""What a price must be like, which of several is the one, and lists of prices as text."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from services.kernel.error import InvalidInput
from services.kernel.money import Money, Rate
from services.kernel.text import clean, one_line
from services.standards.price.types import UNITS, Exchange, Market, Price, PriceForm, Term

COLUMNS = ("sku", "unit", "provider", "region", "term", "currency", "amount", "from", "until", "source")  # fmt: skip
LARGEST = Money.parse("1000000000", "USD").micros
_SKU = re.compile(r"[a-z0-9][a-z0-9._:/-]*")


def checked(form: PriceForm) -> PriceForm:
    """Return a price as it may be published.

    Raises
    ------
    InvalidInput
        When a part of it cannot be used; the sentence names the part.
    """
    sku = one_line(form.sku, limit=80, what="What is sold (the sku)").lower()
    if not _SKU.fullmatch(sku):
        raise InvalidInput(f"{sku!r} is no sku; write it as 'cpu' or 'gpu:h100'.")
    if form.unit not in UNITS:
        raise InvalidInput(f"{form.unit!r} is no unit; write one of {', '.join(UNITS)}.")
    if sku.startswith("gpu:") and form.unit != "gpu-hour":
        raise InvalidInput(
            f"{sku} is sold by the gpu-hour; its price a {form.unit} would find nothing."
        )
    if form.amount.micros < 0:
        raise InvalidInput(f"The price of {sku} is negative; write what it costs, 0 or more.")
    if form.amount.micros > LARGEST:
        raise InvalidInput(f"The price of {sku} is above a thousand million; is the unit right?")
    if any(each is not None and each.tzinfo is None for each in (form.starts_at, form.ends_at)):
        raise InvalidInput(f"The period of {sku} needs a time zone, as 2026-11-01T00:00:00Z.")
    if form.ends_at is not None and form.ends_at <= form.starts_at:
        raise InvalidInput(f"The price of {sku} ends before it begins; write a later end, or none.")
    market = replace(
        form.market,
        provider=clean(form.market.provider, limit=40, what="The provider").lower(),
        region=clean(form.market.region, limit=40, what="The region").lower(),
    )
    source = one_line(form.source, limit=300, what=f"The source of the price of {sku}")
    return replace(form, sku=sku, market=market, source=source)


def overlaps(one: PriceForm | Price, other: PriceForm | Price) -> bool:
    """Tell whether two prices are for the same thing at the same time."""
    same = (one.sku, one.market) == (other.sku, other.market)
    if not same or other.ends_at == other.starts_at:
        return False
    begins_before = other.ends_at is None or one.starts_at < other.ends_at
    return begins_before and (one.ends_at is None or other.starts_at < one.ends_at)


def refuse_overlap(form: PriceForm, others: Iterable[PriceForm | Price]) -> None:
    """Refuse a price where another holds already.

    Raises
    ------
    InvalidInput
        Naming the period of the other.
    """
    for other in others:
        if overlaps(form, other):
            until = other.ends_at.date().isoformat() if other.ends_at else "further notice"
            raise InvalidInput(
                f"{form.sku} {form.market.words} has a price from "
                f"{other.starts_at.date().isoformat()} until {until}; end that one first."
            )


def choose(prices: Sequence[Price], sku: str, at: datetime, market: Market) -> Price | None:
    """Return the price of something at an instant: of the region, else the provider's, else anybody's.

    Notes
    -----
    The term is never replaced: without a price for spot, spot is unpriced.
    """
    for place in (market, replace(market, region=""), Market(term=market.term)):
        for price in prices:
            if price.sku == sku and price.market == place and price.holds(at):
                return price
    return None


def convert(money: Money, currency: str, exchanges: Sequence[Exchange]) -> Money | None:
    """Return an amount in another currency; None without a rate.

    Parameters
    ----------
    exchanges
        Those that hold, at most one for each pair; a rate is read backwards where only that is known.
    """
    if money.currency == currency:
        return money
    for each in exchanges:
        if (each.base, each.quote) == (money.currency, currency):
            return Money(currency, money.times(each.each).micros)
    for each in exchanges:
        if (each.quote, each.base) == (money.currency, currency):
            return Money(currency, money.times(1 / each.each).micros)
    return None


def rate(price: Price, currency: str, exchanges: Sequence[Exchange]) -> Rate | None:
    """Return a price as a rate of a currency; None when it cannot be told in that one."""
    converted = convert(price.amount, currency, exchanges)
    return replace(price.rate, each=converted) if converted is not None else None


def read_list(data: bytes, *, sample: bool = False) -> list[PriceForm]:
    """Read a list of prices: CSV in UTF-8 with the columns :data:`COLUMNS`.

    Raises
    ------
    InvalidInput
        Naming the line and the part that cannot be used.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("The list of prices is not CSV in UTF-8.") from error
    if not rows:
        raise InvalidInput(f"The list of prices is empty; its columns are {', '.join(COLUMNS)}.")
    missing = [name for name in COLUMNS if name not in rows[0]]
    if missing:
        raise InvalidInput(f"The list of prices lacks the column {missing[0]!r}.")
    return [_row(row, line, sample=sample) for line, row in enumerate(rows, start=2)]


def _row(row: dict[str, str | None], line: int, *, sample: bool) -> PriceForm:
    held = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if not held["amount"]:
        raise InvalidInput(f"Line {line}: {held['sku'] or 'this row'} has no amount; a missing price is not 0.")  # fmt: skip
    try:
        return checked(
            PriceForm(
                sku=held["sku"],
                unit=held["unit"],
                market=Market(held["provider"], held["region"], term(held["term"])),
                amount=Money.parse(held["amount"], held["currency"]),
                starts_at=instant(held["from"]),
                ends_at=instant(held["until"]) if held["until"] else None,
                source=held["source"],
                sample=sample,
            )
        )
    except InvalidInput as error:
        raise InvalidInput(f"Line {line}: {error.message}") from error


def term(text: str) -> Term:
    """Return the terms that a word says.

    Raises
    ------
    InvalidInput
        When it says none.
    """
    if text not in [each.value for each in Term]:
        raise InvalidInput(f"{text!r} is no term; write on_demand, spot or reserved.")
    return Term(text)


def instant(text: str) -> datetime:
    """Return a date, or an instant, as people write it; without a time zone it is in UTC.

    Raises
    ------
    InvalidInput
        When it is neither.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no date; write it as 2026-11-01.") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def checked_exchange(exchange: Exchange) -> Exchange:
    """Return a rate between currencies as it may be published.

    Raises
    ------
    InvalidInput
        When it is not above 0, between one currency and itself, or without a time zone.
    """
    base, quote = Money.none(exchange.base).currency, Money.none(exchange.quote).currency
    if base == quote:
        raise InvalidInput("A rate is between two currencies.")
    if not exchange.each.is_finite() or not Decimal("1e-9") <= exchange.each <= Decimal("1e9"):
        raise InvalidInput(f"The rate of {base} in {quote} must be a number above 0.")
    if exchange.starts_at.tzinfo is None:
        raise InvalidInput("The date of a rate needs a time zone, as 2026-11-01T00:00:00Z.")
    source = one_line(exchange.source, limit=300, what="The source of the rate")
    return replace(exchange, source=source)


def read_exchange(base: str, quote: str, each: str, since: str, source: str) -> Exchange:
    """Return a rate between currencies as people write it.

    Raises
    ------
    InvalidInput
        As :func:`checked_exchange`, and when the rate is no number.
    """
    try:
        number = Decimal(each.strip())
    except InvalidOperation as error:
        raise InvalidInput(f"{each!r} is no rate; write it as 1.08.") from error
    pair = base.strip().upper(), quote.strip().upper()
    return checked_exchange(Exchange(*pair, number, instant(since), source))
