"""The month against its budgets, and what it is likely to end at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import share
from console.views.cost.scope import Scope
from console.views.cost.sight import Sight
from console.views.tickets import amount
from services.facts.cost import spending
from services.facts.cost.forecast import LEVEL, MOST_DAYS, Forecast, forecast
from services.judgement.spending.rules import at_least
from services.kernel.money import Money
from services.standards.budget.types import Budget, Span
from services.standards.budget.types import Scope as Whose

if TYPE_CHECKING:
    from services.bootstrap.services import Services

MOST = 6


@dataclass(frozen=True, slots=True)
class BudgetShare:
    """One budget of the month and which part of it is spent.

    Attributes
    ----------
    status
        ``fail`` when it is used up, ``stale`` from the first threshold on, ``unknown`` where more may
        be spent than is known, else ``pass``.
    """

    whose: str
    spent: str
    amount: str
    share: str
    status: str
    word: str


def budgets(
    services: "Services", session: Session, where: Scope, sight: Sight
) -> tuple[BudgetShare, ...]:
    """Return the budgets of a month that this person sees, the nearest to their end first."""
    if not where.is_month or not where.is_open:
        return ()
    held = [each for each in services.budgets.all(session) if _counts(each, where, sight)]
    if not held:
        return ()
    about = spending.About(currency=where.currency)
    models = [each.name for each in held if each.scope is Whose.MODEL]
    of_teams = spending.of_months(session, where.start, where.end, ("team",), about)
    of_models = spending.of_months(session, where.start, where.end, ("model",), about.only(models))
    rows: list[tuple[float, BudgetShare]] = []
    for each in held:
        found = of_models if each.scope is Whose.MODEL else of_teams
        own = [one for one in found if one.key == (each.name,)]
        spent = sum((o.amount for o in own if o.amount), Money.none(where.currency))
        part = spent.micros / each.amount.micros
        unknown = any(one.unpriced for one in own)
        rows.append((part, _row(each, spent, part, sight, unknown=unknown)))
    return tuple(row for _, row in sorted(rows, key=lambda pair: -pair[0])[:MOST])


def ahead(session: Session, where: Scope, spent: Money) -> tuple[str, str]:
    """Return what the month is likely to end at, and how that is known or why it is not."""
    if not where.is_month or not where.is_open:
        return "", ""
    past = _days(session, where)
    gone = (where.today - where.start).days
    month = Money(where.currency, sum(past[MOST_DAYS - gone :]))
    found = forecast(past, month, (where.end - where.today).days)
    if found is None:
        return "unknown", "likely at its end; it takes two weeks of days to tell"
    found = at_least(found, spent.micros)
    return amount(found.likely), _interval(found)


def _interval(found: Forecast) -> str:
    lo, hi = amount(found.lo), amount(found.hi)
    if lo == hi:
        return "likely at its end; weeks before were all alike"
    return f"likely at its end; {share(LEVEL)} between {lo} and {hi}"


def _days(session: Session, where: Scope) -> Sequence[int]:
    start = where.today - timedelta(days=MOST_DAYS)
    found = spending.of_days(session, start, where.today, ("date",), where.about)
    by = {each.key[0]: each.amount.micros for each in found if each.amount}
    return [by.get((start + timedelta(days=n)).isoformat(), 0) for n in range(MOST_DAYS)]


def _counts(budget: Budget, where: Scope, sight: Sight) -> bool:
    if budget.span is not Span.MONTH or budget.amount.currency != where.currency:
        return False
    if budget.scope is Whose.MODEL:
        return sight.sees(budget.name) and where.about.model in {"", budget.name}
    asked = where.about.team in {"", budget.name} and not where.about.model
    return budget.scope is Whose.TEAM and asked and (sight.everything or budget.name in sight.teams)


def _row(budget: Budget, spent: Money, part: float, sight: Sight, *, unknown: bool) -> BudgetShare:
    name = sight.teams.get(budget.name, budget.name)
    first = min(budget.percents, default=100) / 100
    if part >= 1:
        status, word = "fail", "Used up"
    elif unknown:
        status, word = "unknown", "Not all priced"
    else:
        status, word = ("stale", "Running out") if part >= first else ("pass", "Within it")
    return BudgetShare(
        f"{budget.scope.value.capitalize()} {name}", amount(spent), amount(budget.amount),
        share(part), status, word,
    )  # fmt: skip
