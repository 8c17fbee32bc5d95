"""How well a model was served in one window: requests, errors, latency, silence."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

import numpy as np
import pyarrow as pa

from services.facts.evidence.types import MeasurementStatus
from services.facts.performance.statistics import wilson
from services.facts.prediction.columns import answered, instants, numbers, within
from services.facts.service_level.histogram import LatencyHistogram, merge
from services.facts.window.types import WindowMetric

LEAST_REQUESTS = 50
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
FIVE_MINUTES = timedelta(minutes=5)


@dataclass(frozen=True)
class Service:
    """How some rows were served; two add up.

    Attributes
    ----------
    last
        When the last row was asked for; None without rows.
    """

    rows: int = 0
    answered: int = 0
    last: datetime | None = None
    latencies: LatencyHistogram = field(default_factory=lambda: merge(()))

    @classmethod
    def of(cls, table: pa.Table) -> Self:
        """Return how the rows of a table were served."""
        ok = answered(table)
        return cls(table.num_rows, ok.num_rows, _last(table), latency(ok))

    def __add__(self, other: "Service") -> "Service":
        """Return how the rows of both were served."""
        known = [each for each in (self.last, other.last) if each is not None]
        return Service(
            self.rows + other.rows, self.answered + other.answered, max(known, default=None),
            merge((self.latencies, other.latencies)),
        )  # fmt: skip

    def numbers(
        self, start: datetime, end: datetime, *, last: datetime | None = None, segment: str = ""
    ) -> list[WindowMetric]:
        """Return requests, error rate, silence and latencies; see :func:`measure`."""
        held = self.rows
        rate = wilson(held - self.answered, held) if held else None
        found = [
            WindowMetric(start, end, "service.requests", float(held), held, segment=segment),
            WindowMetric(
                start, end, "service.error_rate", rate and rate.value, held, segment=segment,
                lo=rate and rate.lo, hi=rate and rate.hi, method="wilson" if rate else "",
                status=MeasurementStatus.OK if rate else MeasurementStatus.TOO_FEW,
            ),
            silence(self.last or last, start, end, segment=segment),
        ]  # fmt: skip
        return found + latencies(self.latencies, start, end, segment=segment)


def measure(
    table: pa.Table,
    start: datetime,
    end: datetime,
    *,
    last: datetime | None = None,
    segment: str = "",
) -> list[WindowMetric]:
    """Measure the service of one window.

    Parameters
    ----------
    table
        The rows of the window, as the prediction log gives them. A row with the status ``error`` is
        a request that failed; its latency does not count.
    start, end
        The window, half open.
    last
        The last prediction before the window, by which silence is told when the window has no rows.

    Returns
    -------
    list
        ``service.requests``, ``.error_rate``, ``.silence_hours`` and the three latencies; with fewer
        than 50 answers a latency is too few.
    """
    return Service.of(table).numbers(start, end, last=last, segment=segment)


def latency(table: pa.Table) -> LatencyHistogram:
    """Return how long the answers of a window took."""
    return LatencyHistogram.of(numbers(table, "latency_ms"))


def latencies(
    histogram: LatencyHistogram, start: datetime, end: datetime, *, segment: str = ""
) -> list[WindowMetric]:
    """Return the median, the 95th and the 99th percentile of a window's latencies."""
    found: list[WindowMetric] = []
    for name, share in SHARES.items():
        metric, n = f"service.latency_{name}_ms", histogram.n
        if n < LEAST_REQUESTS:
            few = MeasurementStatus.TOO_FEW
            found.append(WindowMetric(start, end, metric, None, n, segment=segment, status=few))
            continue
        at = histogram.quantile(share)
        found.append(
            WindowMetric(
                start, end, metric, at.value, n, segment=segment, lo=at.lo, hi=at.hi,
                method="order-statistics",
            )
        )  # fmt: skip
    return found


def five_minutes(table: pa.Table, end: datetime) -> list[WindowMetric]:
    """Measure the five minutes before an instant.

    Parameters
    ----------
    table
        Recent rows; those of another time are left out.
    """
    start = end - FIVE_MINUTES
    return measure(within(table, start, end), start, end)


def silence(
    last: datetime | None, start: datetime, end: datetime, *, segment: str = ""
) -> WindowMetric:
    """Return how long nothing had been asked at the end of a window.

    Parameters
    ----------
    last
        The last prediction that is known, in this window or before it. None where none is: then it is
        silent for at least the whole window, and only the lower end is known.
    """
    hours = (end - (last or start)) / timedelta(hours=1)
    return WindowMetric(
        start, end, "service.silence_hours", max(0.0, hours), int(last is not None),
        segment=segment, lo=max(0.0, hours), hi=None if last is None else max(0.0, hours),
        method="exact" if last else "at least",
    )  # fmt: skip


def _last(table: pa.Table) -> datetime | None:
    """Return when the last row was asked for."""
    known = instants(table, "at")
    known = known[~np.isnat(known)]
    return known.max().astype("M8[us]").item().replace(tzinfo=UTC) if len(known) else None
