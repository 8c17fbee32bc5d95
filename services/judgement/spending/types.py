"""The nouns of how a budget stands."""

from dataclasses import dataclass
from datetime import datetime

from services.facts.cost.forecast import Forecast
from services.facts.cost.spend import DailySpend
from services.kernel.money import Money
from services.kernel.period import Period
from services.standards.budget.types import Budget


@dataclass(frozen=True, slots=True)
class Crossing:
    """A threshold of a budget that is crossed.

    Attributes
    ----------
    percent
        Of the amount.
    foretold
        Whether it is what the period is likely to end at; otherwise it is spent.
    share
        What is spent, or likely, as a fraction of the amount.
    """

    percent: int
    foretold: bool
    share: float

    @property
    def rule(self) -> str:
        """Return the name under which it is told: ``spent 80 %``, ``forecast 100 %``."""
        return f"{'forecast' if self.foretold else 'spent'} {self.percent} %"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands in its present period.

    Attributes
    ----------
    label
        The period as people say it.
    daily
        From the first day of the period until today, today among them.
    forecast
        None where nobody can tell; ``why`` says why.
    """

    budget: Budget
    period: Period
    label: str
    daily: DailySpend
    forecast: Forecast | None
    why: str
    at: datetime

    @property
    def spent(self) -> Money:
        """Return what was spent in the period until now, of what has a price."""
        return self.daily.total

    @property
    def left(self) -> Money:
        """Return what is left; below 0 when it is overdrawn."""
        return self.budget.amount - self.spent

    @property
    def share(self) -> float:
        """Return which fraction of the amount is spent; a lower bound unless it is whole."""
        return self.spent.micros / self.budget.amount.micros

    @property
    def is_whole(self) -> bool:
        """Tell whether everything spent has a price in this currency."""
        return self.daily.is_whole

    @property
    def is_used_up(self) -> bool:
        """Tell whether nothing is left."""
        return self.left.micros <= 0

    @property
    def unknown(self) -> str:
        """Return in one sentence why more may be spent than is known; empty when all is known."""
        if self.daily.unpriced:
            said = "line has" if self.daily.unpriced == 1 else "lines have"
            return f"{self.daily.unpriced:,} {said} no price; more is spent than stands here."
        if self.daily.elsewhere:
            names = ", ".join(each.currency for each in self.daily.elsewhere)
            return f"Some is spent in {names}; publish a rate to {self.budget.amount.currency}."
        return ""
