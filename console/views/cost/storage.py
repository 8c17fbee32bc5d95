"""Storage: what is kept of runs, what that costs a month, what needs it, and what was ordered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, day
from console.views.cost.sight import Sight, sight
from console.views.tickets import amount
from services.decisions.disposal.service import WAITS
from services.decisions.disposal.types import Candidate, Disposal, DisposalState
from services.facts.storage import rules
from services.kernel.money import Rate
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services

SHOWN = 50
UNITS = ("B", "kB", "MB", "GB", "TB")
STATES = {
    DisposalState.ORDERED: ("info", "Waits"),
    DisposalState.DISPOSED: ("pass", "Taken away"),
    DisposalState.WITHDRAWN: ("none", "Taken back"),
    DisposalState.KEPT: ("unknown", "Kept"),
}


@dataclass(frozen=True, slots=True)
class KeptRow:
    """The files of one run, in words.

    Attributes
    ----------
    month
        What keeping them costs a month; empty without a price or a size.
    reasons
        What needs them; empty where nothing does.
    """

    run_id: str
    name: str
    whose: str
    versions: str
    size: str
    month: str
    weighed: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order, in words."""

    disposal_id: str
    status: str
    word: str
    name: str
    size: str
    reason: str
    who: str
    due: str
    outcome: str
    waits: bool


@dataclass(frozen=True, slots=True)
class StorageView:
    """What the tab shows.

    Attributes
    ----------
    kept, kept_month, spare, spare_month
        All files and those that nothing needs, each with its cost a month.
    spares
        What nothing needs and nobody ordered away yet.
    unknown
        Runs of which nobody can tell how much they keep.
    more_needed, more_spare
        Runs that are not in the lists.
    """

    runs: int
    kept: str
    kept_month: str
    spare: str
    spare_month: str
    price: str
    unknown: int
    spares: tuple[KeptRow, ...]
    more_spare: int
    needed: tuple[KeptRow, ...]
    more_needed: int
    orders: tuple[OrderRow, ...]
    may: bool
    waits: tuple[int, ...] = WAITS


def load(services: "Services", principal: Principal) -> StorageView:
    """Return what this person may see of what is kept, the largest first."""
    now = services.clock.now()
    with services.store.reading() as session:
        mine = sight(services, principal, session)
        found = [e for e in services.disposals.candidates(session) if mine.sees(e.kept.model)]
        price = services.prices.price(session, rules.SKU, now)
        rate = price.rate if price else None
        orders = _orders(services, session, mine, now)
        ordered = {e.run_id for e in services.disposals.find(session, DisposalState.ORDERED)}
    spare = [each for each in found if not each.reasons]
    free = [each for each in spare if each.kept.run_id not in ordered]
    needed = [each for each in found if each.reasons]
    return StorageView(
        runs=len(found),
        kept=size(_bytes(found)),
        kept_month=_month(_bytes(found), rate),
        spare=size(_bytes(spare)),
        spare_month=_month(_bytes(spare), rate),
        price=_price(rate),
        unknown=sum(each.kept.size is None for each in found),
        spares=tuple(_row(each, rate, now) for each in free[:SHOWN]),
        more_spare=max(0, len(free) - SHOWN),
        needed=tuple(_row(each, rate, now) for each in needed[:SHOWN]),
        more_needed=max(0, len(needed) - SHOWN),
        orders=orders,
        may=services.authority.permits(principal, Action.STORAGE_DISPOSE),
    )


def size(number: int) -> str:
    """Return bytes as people say them, by thousands: ``1.2 GB``."""
    told, place = Decimal(number), 0
    while told >= 1000 and place < len(UNITS) - 1:
        told, place = told / 1000, place + 1
    return f"{told:.0f} B" if not place else f"{told:.1f} {UNITS[place]}"


def _bytes(found: Iterable[Candidate]) -> int:
    return sum(each.kept.size or 0 for each in found)


def _month(number: int, rate: Rate | None) -> str:
    if rate is None or rate.unit != rules.UNIT:
        return "no price"
    return amount(rate.of(Decimal(number) / rules.GB))


def _price(rate: Rate | None) -> str:
    if rate is None or rate.unit != rules.UNIT:
        return "there is no price for storage"
    sample = ", a sample price" if rate.sample else ""
    return f"{rate.each.decimal} {rate.each.currency} a gigabyte and month{sample}"


def _row(each: Candidate, rate: Rate | None, now: datetime) -> KeptRow:
    kept = each.kept
    return KeptRow(
        run_id=kept.run_id,
        name=kept.name or kept.run_id[:8],
        whose=kept.model,
        versions=", ".join(f"{name} {number}" for name, number in each.versions),
        size=size(kept.size) if kept.size is not None else "",
        month=_month(kept.size, rate) if kept.size is not None else "",
        weighed=ago(kept.weighed_at, now),
        reasons=each.reasons,
    )


def _orders(
    services: "Services", session: Session, mine: Sight, now: datetime
) -> tuple[OrderRow, ...]:
    found = [each for each in services.disposals.find(session) if mine.sees(each.model)][:SHOWN]
    return tuple(_order(services, session, each, now) for each in found)


def _order(services: "Services", session: Session, each: Disposal, now: datetime) -> OrderRow:
    status, word = STATES[each.state]
    waits = each.state is DisposalState.ORDERED
    due = "with the next look" if each.due_at <= now else day(each.due_at)
    return OrderRow(
        each.disposal_id, status, word, each.name or each.run_id[:8], size(each.size), each.reason,
        services.accounts.by_id(session, each.ordered_by).name, due if waits else "", each.outcome,
        waits,
    )  # fmt: skip
