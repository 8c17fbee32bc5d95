"""How budgets stand now."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from services.facts.cost.forecast import MOST_DAYS, forecast
from services.facts.cost.spend import DailySpend, daily
from services.judgement.spending.rules import TOO_FEW, at_least
from services.judgement.spending.types import Standing
from services.kernel.clock import Clock
from services.kernel.money import Money
from services.kernel.period import Period
from services.standards.budget.rules import label_of, period_of
from services.standards.budget.service import Budgets
from services.standards.budget.types import Budget
from services.standards.price.service import Prices

DAY = timedelta(days=1)


class Spending:
    """Holds budgets against the ledger."""

    def __init__(self, clock: Clock, budgets: Budgets, prices: Prices) -> None:
        self._clock, self._budgets, self._prices = clock, budgets, prices

    def all(self, session: Session) -> list[Standing]:
        """Return how every budget stands now, by whose they are."""
        return [self.of(session, each) for each in self._budgets.all(session)]

    def of(self, session: Session, budget: Budget) -> Standing:
        """Return how one budget stands now.

        Notes
        -----
        Days are days in UTC. Today is not over: it counts as spent, and is foretold with the days left.
        """
        now = self._clock.now().astimezone(UTC)
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        period = period_of(budget.span, now)
        spent = self._daily(session, budget, Period(period.start, today + DAY))
        past = self._daily(session, budget, Period(today - MOST_DAYS * DAY, today))
        before = Money(spent.currency, sum(spent.micros[:-1]))
        ahead = forecast(past.micros, before, (period.end - today) // DAY)
        if ahead is not None:
            ahead = at_least(ahead, spent.total.micros)
        label = label_of(budget.span, now)
        return Standing(budget, period, label, spent, ahead, "" if ahead else TOO_FEW, now)

    def spent(self, session: Session, budget: Budget) -> DailySpend:
        """Return what was spent of a budget in its present period, day by day until today."""
        now = self._clock.now().astimezone(UTC)
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return self._daily(
            session, budget, Period(period_of(budget.span, now).start, today + DAY)
        )  # fmt: skip

    def _daily(self, session: Session, budget: Budget, period: Period) -> DailySpend:
        def converted(money: Money, at: datetime) -> Money | None:
            return self._prices.convert(session, money, budget.amount.currency, at)

        return daily(
            session, budget.amount.currency, period, convert=converted, **{budget.scope.value: budget.name},
        )  # fmt: skip
