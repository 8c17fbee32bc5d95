"""From bytes to what has a price."""

import calendar
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from services.facts.cost.rules import micros
from services.facts.storage.types import KeptRun
from services.kernel.money import MICRO

GB = Decimal(10**9)
"""As providers bill: a thousand million bytes."""
SKU, UNIT = "storage", "gb-month"


def gb_months(size: int, day: date) -> Decimal:
    """Return what keeping bytes for one day comes to, in gigabytes times months of that month."""
    share = Decimal(calendar.monthrange(day.year, day.month)[1])
    return Decimal(micros(Decimal(size) / GB / share)) / MICRO


def by_model(kept: Iterable[KeptRun], day: date) -> dict[str, int]:
    """Return the bytes that were kept through a whole day by model; empty for nobody's.

    Notes
    -----
    What was not weighed yet by then is not told of: nobody knows what it was.
    """
    held: dict[str, int] = defaultdict(int)
    for each in kept:
        was_there = each.first_at.date() <= day and (
            each.gone_at is None or each.gone_at.date() > day
        )
        if was_there and each.size:
            held[each.model] += each.size
    return dict(held)
