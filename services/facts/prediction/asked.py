"""How often a model was asked, and how often for the same again."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """How often one version was asked over some days.

    Attributes
    ----------
    n
        Requests in all, failed ones too.
    comparable
        Of these, those whose inputs are known.
    distinct
        How many different inputs there were, over all days.
    distinct_by_day
        How many there were on each day, added up.
    seconds
        Time to answer, mean; ``p50_ms`` and ``p95_ms`` are its quantiles; None where nobody said.
    timed
        How many answers said how long they took.
    hours
        Requests of each hour that had any, by its beginning in hours since 1970.
    """

    version: int
    n: int
    comparable: int
    distinct: int
    distinct_by_day: int
    seconds: float | None
    p50_ms: float | None
    p95_ms: float | None
    timed: int
    hours: Mapping[int, int]
