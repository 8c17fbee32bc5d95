"""The overview of costs: what a period comes to, by model, team and kind, and how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.figures.spend import Stack
from console.format import share, signed
from console.views.cost import against, course
from console.views.cost.against import BudgetShare
from console.views.cost.groups import NOBODY, ModelCost, Share, models, money, shares
from console.views.cost.scope import LAST_12, Scope, months_back, scope
from console.views.cost.sight import sight
from console.views.tickets import amount
from services.facts.cost import spending
from services.facts.cost.spending import Sum
from services.kernel.money import Money
from services.people.account.types import Principal
from services.standards.authority.types import Action

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
    ahead
        What a month that is not over is likely to end at, and how that is known.
    """

    scope: Scope
    amount: str
    change: tuple[str, str]
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
    ahead: tuple[str, str] = ("", "")
    budgets: tuple[BudgetShare, ...] = ()
    may_export: bool = False

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
        change = _change(session, where, total)
        sample = _sampled(services, session, where)
        elsewhere = where.read(session, (), replace(where.about, currency=""))
        days, months = course.days(session, where), course.months(session, where)
        ahead = against.ahead(session, where, total)
        budgets = against.budgets(services, session, where, mine)
    return OverviewView(
        where,
        amount(total) if any(each.amount for each in found) else "–",
        change,
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
        ahead,
        budgets,
        services.authority.permits(principal, Action.EXPORT),
    )


def _estimated(found: Sequence[Sum], total: Money) -> str:
    """Return which part was worked out rather than billed, in words; empty where nobody kept it."""
    known = [each.estimated for each in found if each.estimated is not None]
    worked = sum(known, Money.none(total.currency))
    if not known or total.micros <= 0 or worked.micros <= 0:
        return ""
    return share(worked.micros / total.micros)


def _change(session: Session, where: Scope, total: Money) -> tuple[str, str]:
    """Return how much more or less it is than as many days before, and which those are."""
    if where.period == LAST_12:
        return "", "no year before to compare with"
    length = min(where.end, where.today + timedelta(days=1)) - where.start
    start = months_back(where.start, 1) if where.is_month else where.start - length
    end = min(start + length, where.start)
    words = f"against the same days of {start:%B}" if where.is_month else "against the 30 before"
    before = money(spending.of_days(session, start, end, (), where.about), where.currency)
    if before.micros <= 0:
        return "", f"{words}: nothing was spent"
    return f"{signed(100 * (total.micros / before.micros - 1), 0)} %", words


def _sampled(services: "Services", session: Session, where: Scope) -> bool:
    prices = [each.price_id for each in services.prices.all(session) if each.sample]
    start, end = (datetime.combine(each, time(), UTC) for each in (where.start, where.end))
    return bool(prices) and spending.rest_on(session, prices, start, end, where.about.model)
