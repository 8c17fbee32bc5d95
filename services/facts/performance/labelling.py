"""How many outcomes of a window are known, and how long they took to arrive."""

from datetime import datetime

import numpy as np
import pyarrow as pa
from scipy import stats

from services.facts.evidence.types import MeasurementStatus
from services.facts.performance.statistics import LEVEL, Floats, wilson
from services.facts.prediction.columns import instants, known, labels
from services.facts.window.types import WindowMetric

_HOUR = np.timedelta64(1, "h")


def measure(
    table: pa.Table, start: datetime, end: datetime, *, segment: str = ""
) -> list[WindowMetric]:
    """Measure label coverage and label lag.

    Parameters
    ----------
    table
        The answered rows of the window.
    """
    n = table.num_rows
    has = known(labels(table, "outcome"))
    coverage, lag = "performance.label_coverage", "performance.label_lag_hours"
    few = MeasurementStatus.TOO_FEW
    if not n:
        blank = WindowMetric(start, end, coverage, None, 0, segment=segment, status=few)
        return [blank, WindowMetric(start, end, lag, None, 0, segment=segment, status=few)]
    share = wilson(int(has.sum()), n)
    found = WindowMetric(
        start, end, coverage, share.value, n, segment=segment, lo=share.lo, hi=share.hi,
        method=share.method,
    )  # fmt: skip
    hours = lags(table)
    if not len(hours):
        return [found, WindowMetric(start, end, lag, None, 0, segment=segment, status=few)]
    value, lo, hi = median(hours)
    its = WindowMetric(
        start, end, lag, value, len(hours), segment=segment, lo=lo, hi=hi, method="order-statistics"
    )
    return [found, its]


def lags(table: pa.Table) -> Floats:
    """Return the hours from each prediction to the arrival of its outcome, of those that arrived.

    Notes
    -----
    The longer of two stretches: between what was predicted and what became true, and between the
    arrivals of both rows. History that was loaded in one go has its own lag and not its age; an
    outcome that came late has both. While outcomes of a window still arrive, the quick ones are seen
    first and the median reads low: look at the coverage beside it.
    """
    true = instants(table, "outcome_at") - instants(table, "at")
    arrived = instants(table, "outcome_received_at") - instants(table, "received_at")
    hours = np.fmax(true, arrived)[known(labels(table, "outcome"))] / _HOUR
    return np.maximum(hours[~np.isnan(hours)], 0.0)


def median(values: Floats) -> tuple[float, float | None, float | None]:
    """Return the median with the order statistics that hold it in 95 of 100 samples.

    Notes
    -----
    Conover 1999, 3.2. Fewer than six values have no such statistics.
    """
    ordered, n = np.sort(values), len(values)
    below = int(stats.binom.ppf((1 - LEVEL) / 2, n, 0.5))
    above = n - below + 1
    lo = float(ordered[below - 1]) if below >= 1 else None
    hi = float(ordered[above - 1]) if above <= n else None
    return float(np.median(ordered)), lo, hi
