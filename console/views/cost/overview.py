"""The overview of costs: what a period comes to, by model, team and kind, and how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.figures.spend import Stack
from console.format import share
from console.views.cost import course
from console.views.cost.groups import NOBODY, ModelCost, Share, models, money, shares
from console.views.cost.scope import LAST_12, Scope, months_back, scope
from console.views.cost.sight import sight
from console.views.tickets import amount
from services.facts.cost import spending
from services.facts.cost.spending import Sum
from services.kernel.money import Money
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class OverviewView:
    """What the tab shows.

    Attributes
    ----------
    others
        What the period comes to in other currencies; never added.
    sample
        Whether prices of the sample are in it.
    """

    scope: Scope
    amount: str
    change: str
    estimated: str
    unpriced: int
    unallocated: str
    others: tuple[str, ...]
    sample: bool
    kinds: tuple[Share, ...]
    teams: tuple[Share, ...]
    models: tuple[ModelCost, ...]
    days: Stack | None
    months: Stack | None

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no line at all."""
        return not self.kinds and not self.unpriced and self.months is None


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> OverviewView:
    """Return what this person may read of the costs that an address asks for."""
    now = services.clock.now()
    with services.store.reading() as session:
        mine = sight(services, principal, session)
        where = scope(session, mine, query, now)
        found = where.read(session, ("kind", "team"))
        total = money(found, where.currency)
        listed = models(session, where, total)
        before = _before(session, where)
        sample = _sampled(services, session, where)
        elsewhere = where.read(session, (), _any_currency(where))
        days, months = course.days(session, where), course.months(session, where)
    return OverviewView(
        where,
        amount(total) if any(each.amount for each in found) else "–",
        _change(total, before),
        _estimated(found, total),
        sum(each.unpriced for each in found),
        next((each.amount for each in listed if not each.name and each.words == NOBODY), ""),
        tuple(
            amount(e.amount) for e in elsewhere if e.amount and e.amount.currency != where.currency
        ),
        sample,
        shares(found, 0, total, {k: k.capitalize() for k, _ in where.filters["kind"]}),
        shares(found, 1, total, {**mine.teams, "": "No team"}),
        listed,
        days,
        months,
    )


def _estimated(found: Sequence[Sum], total: Money) -> str:
    """Return which part was worked out rather than billed, in words; empty where nobody kept it."""
    known = [each.estimated for each in found if each.estimated is not None]
    worked = sum(known, Money.none(total.currency))
    if not known or total.micros <= 0 or worked.micros <= 0:
        return ""
    return share(worked.micros / total.micros)


def _any_currency(where: Scope) -> spending.About:
    about = where.about
    return spending.About(about.model, about.team, about.kind, "", about.models, about.teams)


def _before(session: Session, where: Scope) -> tuple[Money, str] | None:
    """Return what as many days before came to; None for a year, which has no year before it here."""
    if where.period == LAST_12:
        return None
    last = min(where.end, where.today + timedelta(days=1))
    length = last - where.start
    start = months_back(where.start, 1) if where.is_month else where.start - length
    end = min(start + length, where.start)
    found = spending.of_days(session, start, end, (), where.about)
    return money(
        found, where.currency
    ), "the same days a month before" if where.is_month else "the 30 days before"


def _change(total: Money, before: tuple[Money, str] | None) -> str:
    if before is None or before[0].micros <= 0:
        return ""
    more = total.micros / before[0].micros - 1
    if abs(more) < 0.005:
        return f"as {before[1]}"
    return f"{share(abs(more))} {'more' if more > 0 else 'less'} than {before[1]}"


def _sampled(services: "Services", session: Session, where: Scope) -> bool:
    prices = [each.price_id for each in services.prices.all(session) if each.sample]
    start, end = (datetime.combine(each, time(), UTC) for each in (where.start, where.end))
    return bool(prices) and spending.rest_on(session, prices, start, end, where.about.model)
