"""The day of an instant in UTC: many lines begin at the same one, so each is told once."""

from datetime import UTC, date, datetime
from functools import lru_cache


@lru_cache(maxsize=8192)
def day_of(at: datetime) -> date:
    """Return the day in UTC."""
    return at.astimezone(UTC).date()
