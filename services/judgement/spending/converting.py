"""Sums in one currency: each day at the rate that held when it began, and what has no rate beside it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.facts.cost.spending import Sum
from services.kernel.money import Money
from services.standards.price import rules
from services.standards.price.types import Exchange


@dataclass(frozen=True, slots=True)
class Converted:
    """What sums come to in one currency.

    Attributes
    ----------
    amounts
        By group, of what could be converted.
    left
        What could not, by currency: it is in none of the amounts.
    lines
        How many lines that is, by currency.
    rates
        What was converted by.
    """

    currency: str
    amounts: Mapping[tuple[str, ...], Money]
    left: Mapping[str, Money]
    lines: Mapping[str, int]
    rates: tuple[Exchange, ...]


def converted(sums: Iterable[Sum], currency: str, exchanges: Sequence[Exchange]) -> Converted:
    """Convert sums.

    Parameters
    ----------
    sums
        Of days; the first of each key is the day.
    exchanges
        Every rate that is known, of each pair the newest first.

    Notes
    -----
    A sum of a day and a group is rounded once, half to even, to a millionth.
    """
    told_in = Money.none(currency).currency
    amounts: dict[tuple[str, ...], Money] = defaultdict(lambda: Money.none(told_in))
    left: dict[str, Money] = {}
    lines: dict[str, int] = defaultdict(int)
    used: dict[Exchange, None] = {}
    for each in sums:
        if each.amount is None:
            continue
        held = holding(exchanges, date.fromisoformat(each.key[0]))
        found = rules.convert(each.amount, told_in, held)
        if found is None:
            name = each.amount.currency
            left[name] = left.get(name, Money.none(name)) + each.amount
            lines[name] += each.lines
        else:
            amounts[each.key[1:]] += found
            pair = {each.amount.currency, told_in}
            used |= dict.fromkeys(rate for rate in held if {rate.base, rate.quote} == pair)
    return Converted(told_in, dict(amounts), left, dict(lines), tuple(used))


def holding(exchanges: Iterable[Exchange], day: date) -> list[Exchange]:
    """Return the rate of each pair that holds when a day in UTC begins."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found: dict[tuple[str, str], Exchange] = {}
    for each in exchanges:
        if each.starts_at <= at:
            known = found.get((each.base, each.quote))
            if known is None or each.starts_at > known.starts_at:
                found[(each.base, each.quote)] = each
    return list(found.values())
