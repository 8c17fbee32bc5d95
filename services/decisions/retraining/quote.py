"""The nouns of what a ticket trains on, and of what it may cost."""

from dataclasses import dataclass
from datetime import datetime

from services.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Quote:
    """What a ticket may cost, before it costs anything.

    Attributes
    ----------
    worst
        What it costs when every attempt runs to its time limit; None when something has no price.
    likely, lo, hi
        From past runs of the recipe; None while there are none.
    seconds, seconds_lo, seconds_hi
        Of wall time, from past runs; None while there are none.
    gpu_hours
        In the worst case.
    kwh
        Estimated; None when the hardware's power is unknown.
    unpriced
        What has no price, by name; never counted as nothing.
    prices
        Ids of the prices used.
    method, level
        How the interval was made, in words with the number of runs, and how often it holds; why
        there is none where there is none.
    kwh_source
        Who says what power the hardware draws.
    sample_prices
        Whether any price used is a sample.
    terms
        On which machines, in words; empty for those that stay.
    month, left
        What the policy lets all trainings of its team cost in the month, and what was left of it when
        this was quoted; None where it sets no limit, and ``left`` where nobody could tell.
    """

    currency: str
    worst: Money | None
    likely: Money | None
    lo: Money | None
    hi: Money | None
    seconds: float | None
    seconds_lo: float | None
    seconds_hi: float | None
    past_runs: int
    gpu_hours: float
    kwh: float | None
    unpriced: tuple[str, ...]
    prices: tuple[str, ...]
    quoted_at: datetime
    method: str = ""
    level: float | None = None
    kwh_source: str = ""
    sample_prices: bool = False
    terms: str = ""
    month: Money | None = None
    left: Money | None = None


@dataclass(frozen=True, slots=True)
class DataFacts:
    """The snapshot a ticket trains on.

    Attributes
    ----------
    report
        Digest of the archived report: schema, expectations, label flips, outliers, leakage, drift
        against the last snapshot.
    refused
        One sentence for each check that stops the ticket; empty when none does.
    """

    sha256: str
    rows: int
    columns: int
    first_at: datetime | None
    last_at: datetime | None
    uri: str
    report: str
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PastRun:
    """What a training that ended well took.

    Attributes
    ----------
    seconds
        Of wall time, over all its attempts.
    spent
        None where something had no price.
    """

    ticket_id: str
    recipe: str
    recipe_version: int
    rows: int
    seconds: float
    gpu_seconds: float | None
    spent: Money | None
    finished_at: datetime
