"""What one thousand predictions cost, and what a month costs at the traffic there is now."""

from decimal import ROUND_HALF_EVEN, Decimal

from services.kernel.money import Money

THOUSAND = 1_000
MONTH_DAYS = 30


def per_thousand(serving: Money, requests: int) -> Money | None:
    """Return what 1,000 predictions cost; None where there were none.

    Parameters
    ----------
    serving
        What serving them came to, over the same stretch.

    Notes
    -----
    ``serving * 1000 / requests``, rounded half to even to a millionth.
    """
    return _scaled(serving, Decimal(THOUSAND) / requests) if requests > 0 else None


def monthly(spent: Money, days: int) -> Money | None:
    """Return what 30 days cost when each costs as the days that were looked at; None without any.

    Notes
    -----
    ``spent * 30 / days``, rounded half to even to a millionth.
    """
    return _scaled(spent, Decimal(MONTH_DAYS) / days) if days > 0 else None


def at_traffic(thousand: Money, requests: int, days: int) -> Money | None:
    """Return what 30 days cost at a traffic of so many predictions in so many days; None without days.

    Parameters
    ----------
    thousand
        What 1,000 predictions cost.
    """
    if days <= 0:
        return None
    return _scaled(thousand, Decimal(requests) * MONTH_DAYS / (THOUSAND * days))


def _scaled(money: Money, by: Decimal) -> Money:
    exact = Decimal(money.micros) * by
    return Money(money.currency, int(exact.to_integral_value(rounding=ROUND_HALF_EVEN)))
