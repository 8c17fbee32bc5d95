"""Which costs are looked at: the period, and what the address filters by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from console.views.cost.sight import Sight
from services.facts.cost import spending
from services.facts.cost.spending import About, Sum
from services.facts.cost.types import CostKind

LAST_30, LAST_12 = "30d", "12m"
KINDS = tuple(kind.value for kind in CostKind)
_BACK = 12


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at.

    Attributes
    ----------
    period
        A month as 2026-11, or one of ``30d`` and ``12m``.
    start, end
        Days; the end is the first that no longer counts.
    today
        The day in UTC.
    filters
        For each filter of the address its choices as value and words.
    """

    period: str
    words: str
    start: date
    end: date
    today: date
    about: About
    filters: Mapping[str, tuple[tuple[str, str], ...]]

    @property
    def currency(self) -> str:
        """Return the currency that is shown."""
        return self.about.currency

    @property
    def is_month(self) -> bool:
        """Tell whether it is one month of the calendar."""
        return self.period not in {LAST_30, LAST_12}

    @property
    def is_open(self) -> bool:
        """Tell whether it goes on."""
        return self.end > self.today

    @property
    def tomorrow(self) -> date:
        """Return the first day that is still to come."""
        return self.today + timedelta(days=1)

    def read(self, session: Session, by: Sequence[str], about: About | None = None) -> list[Sum]:
        """Return what the period comes to by group."""
        find = spending.of_days if self.period == LAST_30 else spending.of_months
        return find(session, self.start, self.end, by, about or self.about)


def scope(session: Session, sight: Sight, query: Mapping[str, str], now: datetime) -> Scope:
    """Return what an address asks for; what it does not say, or nobody knows, is the usual."""
    today = now.astimezone(UTC).date()
    periods = _periods(today)
    period = query.get("period", "")
    period = period if period in periods else f"{today:%Y-%m}"
    start, end = bounds(period, today)
    about = About(
        _known(query.get("model", ""), sight.models),
        _known(query.get("team", ""), sight.teams),
        _known(query.get("kind", ""), KINDS),
        models=None if sight.everything else tuple(sight.models),
        teams=() if sight.everything else tuple(sight.teams),
    )
    months = start.replace(day=1), _next(end - timedelta(days=1))
    held = spending.currencies(session, *months, replace(about, model="", team="", kind=""))
    usual = [*spending.currencies(session, *months, about), *held, "USD"]
    currency = _known(query.get("currency", ""), held) or usual[0]
    filters = {
        "period": tuple(periods.items()),
        "team": tuple(sorted(sight.teams.items(), key=lambda each: each[1])),
        "model": tuple((name, name) for name in sorted(sight.models)),
        "kind": tuple((kind, kind.capitalize()) for kind in KINDS),
        "currency": tuple((each, each) for each in held) or ((currency, currency),),
    }
    return Scope(
        period, periods[period], start, end, today, replace(about, currency=currency), filters
    )


def bounds(period: str, today: date) -> tuple[date, date]:
    """Return the first day of a period, and the first after it."""
    if period == LAST_30:
        return today - timedelta(days=29), today + timedelta(days=1)
    if period == LAST_12:
        return months_back(today, _BACK - 1), _next(today)
    first = date.fromisoformat(f"{period}-01")
    return first, _next(first)


def months_back(day: date, count: int) -> date:
    """Return the first day of the month so many months before that of a day."""
    place = day.year * 12 + day.month - 1 - count
    return date(place // 12, place % 12 + 1, 1)


def _next(day: date) -> date:
    return months_back(day, -1)


def _periods(today: date) -> dict[str, str]:
    found: dict[str, str] = {}
    for count in range(_BACK + 1):
        first = months_back(today, count)
        found[f"{first:%Y-%m}"] = f"{first:%B %Y}"
    return {**found, LAST_30: "Last 30 days", LAST_12: "Last 12 months"}


def _known(asked: str, known: Mapping[str, str] | Sequence[str]) -> str:
    return asked if asked in known else ""
