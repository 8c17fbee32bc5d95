"""The nouns of a budget."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kernel.money import Money

PERCENTS = (50, 80, 100)


class Scope(StrEnum):
    """Whose money it is."""

    MODEL = "model"
    TEAM = "team"
    EXPERIMENT = "experiment"
    TICKET = "ticket"


class Span(StrEnum):
    """For how long it is to last: stretches of the calendar, in UTC."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class BudgetForm:
    """A filled form for a budget.

    Attributes
    ----------
    name
        Of the model or the experiment of MLflow, or the id of the team or the ticket.
    percents
        At how many hundredths of the amount people are told; 100 is always among them.
    forecast
        Whether people are told as soon as the period is likely to end above the amount.
    stops
        Whether trainings and searches of our own stop when it is used up; otherwise it is told alone.
    owner_id
        Who answers for it.
    channels
        By name; those that nobody set are told nothing.
    """

    scope: Scope
    name: str
    span: Span
    amount: Money
    owner_id: str
    percents: tuple[int, ...] = PERCENTS
    forecast: bool = True
    stops: bool = True
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent in every period, as it stands; see :class:`BudgetForm`.

    Attributes
    ----------
    percents
        Rising, each once.
    """

    budget_id: str
    scope: Scope
    name: str
    span: Span
    amount: Money
    owner_id: str
    percents: tuple[int, ...]
    forecast: bool
    stops: bool
    channels: tuple[str, ...]
    set_by: str
    since: datetime

    @property
    def whose(self) -> str:
        """Return whose money it is, in words: ``team lending``."""
        return f"{self.scope.value} {self.name}"
