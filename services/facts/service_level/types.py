"""The nouns of what serving a version takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ServingUse:
    """What was asked of a version over some days, as the prediction log tells.

    Attributes
    ----------
    since, until
        The first and the last day, both whole.
    comparable
        Requests whose inputs are known.
    again_by_day
        Of these, how many had been asked on the same day before: what a cache that is emptied every
        night would have answered.
    again
        How many had been asked before at all in these days.
    seconds
        To answer one, mean; None where nobody said.
    hours
        Requests of each hour that had any, by hours since 1970.
    model_bytes
        Of the version's files; None where nobody could tell.
    """

    model: str
    version: int
    since: date
    until: date
    requests: int
    comparable: int
    again_by_day: int
    again: int
    seconds: float | None
    p50_ms: float | None
    p95_ms: float | None
    hours: Mapping[int, int]
    model_bytes: int | None
    seen_at: datetime

    @property
    def days(self) -> int:
        """Return how many days were looked at."""
        return (self.until - self.since).days + 1

    @property
    def repeated(self) -> tuple[float, float] | None:
        """Return the share of repeated inputs, within a day and over all days; None where unknown."""
        if not self.comparable:
            return None
        return self.again_by_day / self.comparable, self.again / self.comparable
