"""Pricing again what had no price: lines keep standing, and a correction says what they cost."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session

from services.facts.cost import unpriced
from services.facts.cost.service import Ledger
from services.facts.cost.types import Entry, Line, Use
from services.kernel.identity import Actor
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store
from services.standards.price import rules
from services.standards.price.service import Prices
from services.standards.price.types import Market, Price

FAR = timedelta(days=3660)


@dataclass
class Repriced:
    """What became of lines without a price.

    Attributes
    ----------
    priced
        Lines that have a price now.
    amounts
        What they come to, in micro-units by currency.
    missing
        How many lines still have none, by what was used and its unit.
    waiting
        How many lines are of runs: the worker prices them, by what their tags say, once prices came.
    """

    priced: int = 0
    amounts: Counter[str] = field(default_factory=Counter[str])
    missing: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    waiting: int = 0


class Repricing:
    """Works out what lines without a price cost, by the prices that held when they began.

    Parameters
    ----------
    markets
        Where and on what terms a line was bought; None where only the worker can tell.
    """

    def __init__(
        self, store: Store, ledger: Ledger, prices: Prices, markets: Callable[[Session, Entry], Market | None],
    ) -> None:  # fmt: skip
        self._store, self._ledger, self._prices = store, ledger, prices
        self._markets = markets

    def run(
        self, actor: Actor, period: Period | None = None, *, parts: int | None = None
    ) -> Repriced:
        """Price every line again that we worked out ourselves; event ``cost:corrected`` a part.

        Parameters
        ----------
        period
            None for all time.
        parts
            After so many parts of five thousand lines it ends; None for all.

        Notes
        -----
        Lines that have a price are never touched, whatever prices were published since.
        """
        now = self._store.clock.now()
        stretch = period or Period(datetime(2000, 1, 1, tzinfo=UTC), now + FAR)
        told, after = Repriced(), ""
        while parts is None or parts > 0:
            parts = None if parts is None else parts - 1
            with self._store.reading() as session:
                part = unpriced.lines(session, stretch.start, stretch.end, after=after)
                known: dict[str, list[Price]] = {}
                for price in self._prices.all(session):
                    known.setdefault(price.sku, []).append(price)
                markets = [self._markets(session, each.entry) for each in part]
            if not part:
                break
            after = part[-1].entry.source_id
            told.waiting += markets.count(None)
            entries = [
                found
                for line, market in zip(part, markets, strict=True)
                if market is not None and (found := _priced(line, market, known, told)) is not None
            ]
            if entries:
                with self._store.unit(actor) as unit:
                    told.priced += self._ledger.add(unit, entries, action="cost:corrected").new
        return told


def _priced(
    line: Line, market: Market, known: Mapping[str, Sequence[Price]], told: Repriced
) -> Entry | None:
    """Return the correction that gives a line its price; None without one of its unit."""
    entry = line.entry
    sku = entry.use.sku
    price = rules.choose(known.get(sku, ()), sku, entry.starts_at, market)
    if price is None or price.unit != entry.use.unit:
        told.missing[(sku, entry.use.unit)] += 1
        return None
    amount = price.amount.times(entry.use.quantity)
    told.amounts[amount.currency] += amount.micros
    digest = hashlib.blake2b(entry.source_id.encode(), digest_size=16).hexdigest()
    return Entry(
        source_id=f"priced:{digest}",
        kind=entry.kind,
        use=Use(sku, entry.use.unit, Decimal(0)),
        amount=amount,
        bearer=entry.bearer,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        price_id=price.price_id,
        corrects=entry.source_id,
    )
