"""How spending went: by day and by month, one part a kind."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import Session

from console.figures.spend import Part, Stack
from console.views.cost.scope import KINDS, Scope, months_back
from console.views.tickets import amount
from services.facts.cost import spending
from services.facts.cost.spending import Sum

_LONGEST = 31


def days(session: Session, where: Scope) -> Stack | None:
    """Return the days of a month or of the last 30; None for a year, or where nothing was spent."""
    if where.period == "12m":
        return None
    count = min(_LONGEST, (where.end - where.start).days)
    places = [where.start + timedelta(days=n) for n in range(count)]
    found = spending.of_days(session, where.start, where.end, ("date", "kind"), where.about)
    return _stack(found, places, [f"{each.day} {each:%b}" for each in places], where.currency)


def months(session: Session, where: Scope) -> Stack | None:
    """Return the twelve months that end with the period."""
    last = where.end - timedelta(days=1)
    places = [months_back(last, n) for n in range(11, -1, -1)]
    found = spending.of_months(
        session, places[0], months_back(last, -1), ("date", "kind"), where.about
    )
    return _stack(found, places, [f"{each:%b %Y}" for each in places], where.currency)


def _stack(
    found: Sequence[Sum], places: Sequence[date], words: Sequence[str], currency: str
) -> Stack | None:
    by = {each.key: each.amount for each in found if each.amount}
    parts: list[Part] = []
    for place, kind in enumerate(KINDS):
        held = [by.get((at.isoformat(), kind)) for at in places]
        if any(each is not None for each in held):
            told = [
                f"{word}: {kind} {amount(each)}" if each else ""
                for word, each in zip(words, held, strict=True)
            ]
            values = [each.micros / 1e6 if each else 0.0 for each in held]
            parts.append(Part(kind, place, tuple(values), tuple(told)))
    return Stack(tuple(words), tuple(parts), currency) if parts else None
