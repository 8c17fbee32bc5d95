"""What a version costs, in the three numbers people compare versions by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session

from services.facts.cost import by_version
from services.facts.cost.by_version import Made, VersionCost
from services.facts.cost.types import CostKind
from services.facts.cost.unit_cost import MONTH_DAYS, at_traffic, monthly, per_thousand
from services.kernel.money import Money

MADE = frozenset({CostKind.TRAINING, CostKind.SEARCH})
LATELY = timedelta(days=MONTH_DAYS)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CostStanding:
    """What a version costs in one currency.

    Attributes
    ----------
    training
        All trainings and searches that made it; None where none has a price.
    serving, requests, days
        Of the last 30 days, and over how many of them it served.
    per_thousand, monthly
        At the traffic of those days; None where it did not serve, or not all of it has a price in
        this currency.
    unpriced
        Its lines without a price: as long as there are any, the numbers are not all.
    estimated
        Whether any of it was worked out rather than billed.
    elsewhere
        Whether some of it was paid in other currencies.
    made, made_unpriced, made_elsewhere
        Lines of its trainings and searches; those without a price, and whether some were paid in other
        currencies.
    """

    currency: str
    training: Money | None
    serving: Money | None
    requests: int
    days: int
    per_thousand: Money | None
    monthly: Money | None
    unpriced: int = 0
    estimated: bool = False
    elsewhere: bool = False
    kwh: Decimal | None = None
    kg: Decimal | None = None
    made: int = 0
    made_unpriced: int = 0
    made_elsewhere: bool = False

    @property
    def whole_training(self) -> Money | None:
        """Return what making it cost; None where that has no price, or not all of it in this currency."""
        known = not self.made_unpriced and not self.made_elsewhere
        return self.training if known else None


def at_current_traffic(one: CostStanding, champion: CostStanding | None) -> Money | None:
    """Return what a version costs a month at the champion's traffic, where there is one; else at its own."""
    if one.per_thousand is None:
        return None
    traffic = champion or one
    if not traffic.requests or not traffic.days:
        return one.monthly
    return at_traffic(one.per_thousand, traffic.requests, traffic.days)


def standings(
    session: Session, model: str, now: datetime, made: Made, currency: str = ""
) -> dict[int | None, CostStanding]:
    """Return what each version of a model costs; None is for what belongs to no version.

    Parameters
    ----------
    currency
        Empty for that in which most lines of the model are.
    """
    ever = by_version.sums(session, model, BEGINNING, now, made)
    lately = by_version.sums(session, model, now - LATELY, now, made)
    currency = currency or usual(ever)
    return {
        version: standing(
            [each for each in ever if each.version == version],
            [each for each in lately if each.version == version],
            currency, now,
        )
        for version in sorted({each.version for each in ever}, key=lambda v: -(v or 0))
    }  # fmt: skip


def usual(ever: Sequence[VersionCost]) -> str:
    """Return the currency of most lines; that of the prices shipped where none has any."""
    counted: dict[str, int] = {}
    for each in ever:
        if each.amount is not None:
            counted[each.amount.currency] = counted.get(each.amount.currency, 0) + each.lines
    return max(counted, key=lambda name: (counted[name], name), default="USD")


def standing(
    ever: Sequence[VersionCost], lately: Sequence[VersionCost], currency: str, now: datetime
) -> CostStanding:
    """Return what one version costs, from its sums of all time and of the last 30 days."""
    served = [each for each in lately if each.kind is CostKind.SERVING]
    serving, requests = _money(served, currency), sum(each.requests for each in served)
    mixed = any(each.amount and each.amount.currency != currency for each in served)
    whole = not mixed and not any(each.unpriced for each in served)
    days, made = _days(served, now), [each for each in ever if each.kind in MADE]
    return CostStanding(
        currency,
        _money(made, currency),
        serving, requests, days,
        per_thousand(serving, requests) if serving and whole else None,
        monthly(serving, days) if serving and whole else None,
        sum(each.unpriced for each in ever),
        any(each.estimated for each in ever),
        any(each.amount and each.amount.currency != currency for each in ever),
        _sum([each.kwh for each in ever]), _sum([each.kg for each in ever]),
        sum(each.lines for each in made), sum(each.unpriced for each in made),
        any(each.amount and each.amount.currency != currency for each in made),
    )  # fmt: skip


def _days(served: Sequence[VersionCost], now: datetime) -> int:
    """Return over how many days something served: from its first line on, a day begun is a day."""
    if not served:
        return 0
    since = now - min(each.first for each in served)
    return min(MONTH_DAYS, -(-since // timedelta(days=1)) or 1)


def _money(found: Sequence[VersionCost], currency: str) -> Money | None:
    own = [each.amount for each in found if each.amount and each.amount.currency == currency]
    return sum(own, Money.none(currency)) if own else None


def _sum(found: Sequence[Decimal | None]) -> Decimal | None:
    known = [each for each in found if each is not None]
    return sum(known, Decimal(0)) if known else None
