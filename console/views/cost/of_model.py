"""What a model costs: its versions beside each other, how it went, and each line with its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from console.figures.spend import Stack
from console.format import instant, lasting
from console.views.cost import course, factors
from console.views.cost.groups import money
from console.views.cost.quantity import per, spelled
from console.views.cost.scope import Scope, scope
from console.views.cost.sight import Sight
from console.views.cost.standings import VersionRow, row, standings
from console.views.model import ModelHead
from console.views.tickets import amount
from services.facts.cost import by_version
from services.facts.cost.types import Entry, Line
from services.standards.price.types import Price

if TYPE_CHECKING:
    from services.bootstrap.services import Services

MOST = 60


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the ledger and where its number comes from.

    Attributes
    ----------
    price
        What it was worked out by; empty where somebody billed it, or nothing has a price.
    how
        *estimated*, *billed*, *measured*, or that it corrects another.
    event_seq
        Of the event in the trail that its batch stands in.
    """

    source_id: str
    when: str
    kind: str
    used: str
    amount: str
    how: str
    price: str
    sample: bool
    version: int | None
    run_id: str
    ticket_id: str
    event_seq: int


@dataclass(frozen=True, slots=True)
class ModelCostView:
    """What the tab shows."""

    name: str
    version: int
    scope: Scope
    amount: str
    unpriced: int
    versions: tuple[VersionRow, ...]
    lines: tuple[LineRow, ...]
    days: Stack | None
    months: Stack | None
    factors: tuple[str, ...] = ()


def load(services: "Services", head: ModelHead, query: Mapping[str, str]) -> ModelCostView:
    """Return what a model costs; the head was loaded for whoever asks."""
    now = services.clock.now()
    alone = Sight(
        everything=True, models=MappingProxyType({head.name: ""}), teams=MappingProxyType({})
    )
    asked = {name: query[name] for name in ("period", "currency") if name in query}
    with services.store.reading() as session:
        where = scope(session, alone, {**asked, "model": head.name}, now)
        found = where.read(session, ())
        held = standings(services, session, head.name, now, where.currency)
        start, end = (datetime.combine(each, time(), UTC) for each in (where.start, where.end))
        lines = by_version.newest(session, head.name, start, end, MOST, None)
        prices = {each.price_id: each for each in services.prices.all(session)}
        grids = {each.entry.grid_id for each in lines} - {""}
        emitted = factors.used(services, session, grids)
        days, months = course.days(session, where), course.months(session, where)
    return ModelCostView(
        head.name, head.version, where,
        amount(money(found, where.currency)) if any(each.amount for each in found) else "–",
        sum(each.unpriced for each in found),
        tuple(row(version, each) for version, each in held.items()),
        tuple(_line(each, prices) for each in lines), days, months,
        tuple(each.words for each in emitted),
    )  # fmt: skip


def _line(line: Line, prices: Mapping[str, Price]) -> LineRow:
    entry, price = line.entry, prices.get(line.entry.price_id)
    long = entry.ends_at - entry.starts_at
    over = f" over {lasting(long)}" if long > timedelta(0) else ""
    return LineRow(
        entry.source_id,
        f"{instant(entry.starts_at)}{over}",
        entry.kind.value.capitalize(),
        f"{_quantity(entry)} of {entry.use.sku}",
        amount(entry.amount) if entry.amount else "unpriced",
        _how(entry),
        f"{amount(price.amount)} {per(price.unit)}" if price else "",
        price is not None and price.sample,
        entry.bearer.version, entry.bearer.run_id, entry.bearer.ticket_id, line.event_seq,
    )  # fmt: skip


def _quantity(entry: Entry) -> str:
    return f"{entry.use.quantity.normalize():,f} {spelled(entry.use.unit)}".replace("-", "\u2011")


def _how(entry: Entry) -> str:
    known = "estimated" if entry.estimated else "billed" if not entry.price_id else "measured"
    return f"corrects {entry.corrects}" if entry.corrects else known
