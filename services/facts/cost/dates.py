"""The day and the month of an instant in UTC: many lines begin at the same one, so each is told once."""

from datetime import UTC, date, datetime
from functools import lru_cache


@lru_cache(maxsize=8192)
def day_of(at: datetime) -> date:
    """Return the day in UTC."""
    return at.astimezone(UTC).date()


@lru_cache(maxsize=8192)
def month_of(at: datetime) -> date:
    """Return the first day of the month in UTC."""
    return at.astimezone(UTC).date().replace(day=1)
