"""Where windows begin and end."""

from datetime import datetime, timedelta

from services.facts.window.types import Granularity
from services.kernel.period import Period

LENGTHS = {
    Granularity.FIVE_MINUTES: timedelta(minutes=5),
    Granularity.HOUR: timedelta(hours=1),
    Granularity.DAY: timedelta(days=1),
    Granularity.MONTH: timedelta(days=30),
    Granularity.YEAR: timedelta(days=365),
}
"""How long windows are; months and years about."""


def window_of(instant: datetime, granularity: Granularity) -> Period:
    """Return the window an instant falls into; windows begin on the clock, in UTC."""
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    if granularity is Granularity.YEAR:
        start = midnight.replace(month=1, day=1)
        return Period(start, start.replace(year=start.year + 1))
    if granularity is Granularity.MONTH:
        start = midnight.replace(day=1)
        return Period(start, (start + timedelta(days=32)).replace(day=1))
    length = LENGTHS[granularity]
    start = midnight + (instant - midnight) // length * length
    return Period(start, start + length)


def windows_between(start: datetime, end: datetime, granularity: Granularity) -> list[Period]:
    """Return the windows that cover a stretch, oldest first; none where ``end`` is not after it."""
    found: list[Period] = []
    at = start
    while at < end:
        found.append(window_of(at, granularity))
        at = found[-1].end
    return found
