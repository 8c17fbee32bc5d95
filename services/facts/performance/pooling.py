"""Estimated minus realised accuracy over some windows together: slow or small concept drift, found earlier.

Notes
-----
The noise of a window's gap falls with the root of its rows, so that a model of 2,000 rows a day needs a
gap three times as large as one of 20,000. Windows are pooled by their rows: the noise of the outcomes
falls with all of them, that of the calibration does not, since they share it; and where a gap grows from
day to day, older windows hold less of it. Four windows are the best of both: of a world that turns slowly
from day 60 on, 20,000 rows a day tell by day 65, 2,000 by day 69 and 900 by day 70 (twelve seeds; alone
they need until day 70 and 72). Sooner it cannot be: on day 65 the gap of 2,000 rows is two and a half
standard errors of a window, and a certain alarm needs four.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from services.facts.evidence.types import MeasurementStatus
from services.facts.performance.statistics import LEVEL
from services.facts.window.types import WindowMetric

GAP, METRIC = "performance.accuracy_gap", "performance.accuracy_gap_pooled"
WINDOWS = 4
"""How many windows are taken together."""


def pooled(now: WindowMetric, before: Sequence[WindowMetric], rows: int) -> WindowMetric:
    """Return the gap of a window and of those before it together.

    Parameters
    ----------
    now
        The gap of the newest window.
    before
        Of the windows before it, oldest first; those without a number are passed over.
    rows
        How many the calibration was learned from, 1 or more.

    Notes
    -----
    Every filed interval is 1.96 standard errors of ``v (1 / n + 1 / rows)``; ``v`` is pooled by rows.
    """
    its = [*before, now][-WINDOWS:]
    known = [each for each in its if each.value is not None and each.lo is not None]
    if now.value is None or not known:
        few = MeasurementStatus.TOO_FEW
        return replace(now, metric=METRIC, value=None, lo=None, hi=None, floor=None, status=few)
    n = np.array([each.n for each in known], dtype=np.float64)
    value = np.array([each.value for each in known], dtype=np.float64)
    halves = np.array([(each.hi or 0.0) - (each.value or 0.0) for each in known])
    z = float(special.ndtri(0.5 + LEVEL / 2))
    spread = (halves / z) ** 2 / (1 / n + 1 / rows)
    total = float(n.sum())
    error = float(np.sqrt((spread @ n) / total * (1 / total + 1 / rows)))
    gap = float((value @ n) / total)
    sigmas = gap / error if error else 0.0
    return replace(
        now, metric=METRIC, value=gap, n=int(total), lo=gap - z * error, hi=gap + z * error,
        floor=float(special.ndtri(LEVEL)) * error, coverage=_coverage(known),
        method=f"{sigmas:.1f} standard errors, {len(known)} windows",
    )  # fmt: skip


def _coverage(known: Sequence[WindowMetric]) -> float | None:
    """Return the share of the rows of all windows whose outcome is known; None where one does not say."""
    if any(not each.coverage for each in known):
        return None
    return sum(each.n for each in known) / sum(each.n / (each.coverage or 1.0) for each in known)
