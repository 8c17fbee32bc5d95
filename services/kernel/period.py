"""A stretch of time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.kernel.error import InvalidInput

_PERIOD = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open stretch: ``start`` belongs to it, ``end`` does not; both aware, in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidInput("The period ends before it begins; give an end after the start.")

    def covers(self, instant: datetime) -> bool:
        """Tell whether an instant lies inside."""
        return self.start <= instant < self.end


def stretch_of(period: str) -> Period:
    """Return a month or a day in UTC.

    Raises
    ------
    InvalidInput
        When it is neither.
    """
    found = _PERIOD.fullmatch(period)
    try:
        year, month, day = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
        start = datetime(year, month, day or 1, tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput(f"{period!r} is no period; write 2026-11 or 2026-11-14.") from error
    if day:
        return Period(start, start + timedelta(days=1))
    later = start.replace(year=year + month // 12, month=month % 12 + 1)
    return Period(start, later)
