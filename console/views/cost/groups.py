"""What a period comes to by group: by kind, by team, by model."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session

from console.format import plural
from console.views.cost.quantity import few, small
from console.views.cost.scope import LAST_30, Scope, months_back
from console.views.tickets import amount
from services.facts.cost import quantities, spending
from services.facts.cost.spending import Sum
from services.facts.cost.types import CostKind
from services.facts.cost.unit_cost import per_thousand
from services.kernel.money import Money

MOST = 12
NOBODY = "No model"


@dataclass(frozen=True, slots=True)
class Share:
    """One group of a period: what it is called, what it comes to, which part of all that is."""

    key: str
    name: str
    amount: str
    share: str
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class ModelCost:
    """One model of the period.

    Attributes
    ----------
    name
        Empty for what no model bears, and for all models that are not shown.
    trend
        Of the last twelve months, in units of the currency.
    per_thousand
        What 1,000 predictions of the period cost; *unknown* where not all of it has a price.
    energy
        What it took and emitted, in words; empty where nobody knows.
    """

    name: str
    words: str
    amount: str
    share: str
    kinds: str
    trend: tuple[float, ...] = ()
    unpriced: int = 0
    per_thousand: str = ""
    energy: tuple[str, ...] = ()


def models(session: Session, where: Scope, total: Money) -> tuple[ModelCost, ...]:
    """Return the models that cost most, all others together, and what no model bears."""
    table = spending.DAYS if where.period == LAST_30 else spending.MONTHS
    names, count = spending.largest(session, table, (where.start, where.end), where.about, MOST)
    shown = [*names, ""]
    found = where.read(session, ("model", "kind"), where.about.only(shown))
    year = months_back(where.end - timedelta(days=1), 11)
    past = spending.of_months(
        session, year, months_back(where.end - timedelta(days=1), -1), ("date", "model"),
        where.about.only(names),
    )  # fmt: skip
    used = quantities.of_models(session, where.start, min(where.end, where.tomorrow), names)
    lines = [_line(each, found, past, total, year) for each in shown]
    lines = [_used(each, found, used) for each in lines if each is not None]
    rest = total.micros - sum(each.amount.micros for each in found if each.amount)
    if count > len(names):
        more = Money(where.currency, rest)
        words = plural(count - len(names), "other model")
        lines.insert(len(names), ModelCost("", words, amount(more), part(more, total), ""))
    return tuple(lines)


def _used(
    line: ModelCost, found: Sequence[Sum], used: Mapping[str, Mapping[str, Decimal]]
) -> ModelCost:
    held = used.get(line.name, {})
    served = [e for e in found if e.key == (line.name, CostKind.SERVING.value)]
    serving = [e.amount for e in served if e.amount]
    requests = int(held.get(quantities.REQUEST, 0))
    thousand = ""
    if requests and served:
        told = None if any(e.unpriced for e in served) else per_thousand(serving[0], requests)
        thousand = amount(told) if told else "unknown"
    energy = tuple(
        f"{few(held[unit])} {words}"
        for unit, words in ((quantities.KWH, "kWh"), (quantities.KG, "kg CO₂e"))
        if unit in held
    )
    return replace(line, per_thousand=thousand, energy=energy)


def _line(
    name: str, found: Sequence[Sum], past: Sequence[Sum], total: Money, year: date
) -> ModelCost | None:
    own = [each for each in found if each.key[0] == name]
    if not own:
        return None
    spent = money(own, total.currency)
    kinds = sorted(
        (e for e in own if e.amount), key=lambda e: -(e.amount.micros if e.amount else 0)
    )
    by_month = {e.key[0]: e.amount.micros / 1e6 for e in past if e.key[1] == name and e.amount}
    months = [months_back(year, -n).isoformat() for n in range(12)]
    return ModelCost(
        name, name or NOBODY, amount(spent) if kinds else "unpriced", part(spent, total) if kinds else "",
        ", ".join(f"{e.key[1]} {amount(e.amount)}" for e in kinds),
        tuple(by_month.get(each, 0.0) for each in months) if name else (),
        sum(each.unpriced for each in own),
    )  # fmt: skip


def shares(
    found: Sequence[Sum], place: int, total: Money, names: Mapping[str, str]
) -> tuple[Share, ...]:
    """Return what a period comes to by one part of its key, the dearest first."""
    sums: dict[str, list[Sum]] = defaultdict(list)
    for each in found:
        sums[each.key[place]].append(each)
    spent = {key: money(held, total.currency) for key, held in sums.items()}
    return tuple(
        Share(
            key, names.get(key, key),
            amount(spent[key]) if any(e.amount for e in held) else "unpriced",
            part(spent[key], total) if any(e.amount for e in held) else "", sum(e.unpriced for e in held),
        )
        for key, held in sorted(sums.items(), key=lambda pair: (-spent[pair[0]].micros, pair[0]))
    )  # fmt: skip


def money(found: Sequence[Sum], currency: str) -> Money:
    """Return what sums of one currency come to."""
    return sum((each.amount for each in found if each.amount), Money.none(currency))


def part(one: Money, total: Money) -> str:
    """Return which part of all something is; empty where there is nothing to be a part of."""
    return small(one.micros / total.micros) if total.micros > 0 else ""
