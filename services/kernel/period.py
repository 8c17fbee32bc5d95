"""A stretch of time."""

from dataclasses import dataclass
from datetime import datetime

from services.kernel.error import InvalidInput


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
