"""How far one feature moved in one window, as the numbers that are filed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import numpy as np

from services.facts.drift import noise, statistics
from services.facts.drift.types import Binning, NumericBinning, Profile
from services.facts.evidence.types import MeasurementStatus
from services.facts.performance.statistics import wilson
from services.facts.window.types import WindowMetric

CERTIFIED = "bins at reference quantiles; bounds are certain"
TENTHS, LEVELS = "tenths of the reference", "levels of the reference"
TRAPEZOID = "trapezoid between bins"
RATES = ("missing_share", "new_share", "invalid_share")
Number = Callable[..., WindowMetric]


def distances(
    binning: Binning, reference: Profile, current: Profile, *, start: datetime, end: datetime,
    feature: str, min_n: int, segment: str = "",
) -> list[WindowMetric]:  # fmt: skip
    """Return how far a feature moved in a window, and what is missing, new or invalid in it.

    Parameters
    ----------
    reference, current
        Profiles of ``binning``; of a column that is not there, :func:`rules.empty`.
    start, end
        The window, half open.
    min_n
        With fewer rows a number is not told: its status is *too few* and its value None.

    Notes
    -----
    Of the Kolmogorov-Smirnov distance ``value`` is the end of the certified bounds that was surely
    reached: a limit below it is exceeded, whatever the rows within the bins.
    """
    number: Number = partial(WindowMetric, start, end, feature=feature, segment=segment)
    least = max(1, min_n)
    moved = _moved(number, binning, reference, current, least)
    rates = zip(RATES, _rates(binning, reference), _rates(binning, current), strict=True)
    return [*moved, *(_rate(number, name, held, now, least) for name, held, now in rates)]


def _moved(
    number: Number, binning: Binning, reference: Profile, current: Profile, min_n: int
) -> Iterator[WindowMetric]:
    numeric = isinstance(binning, NumericBinning)
    m, n = reference.n, current.n
    if min(m, n) < min_n:
        own = ("ks", "wasserstein") if numeric else ("largest_change",)
        for name in (*own, "psi", "jensen_shannon"):
            yield number(f"drift.{name}", None, n, status=MeasurementStatus.TOO_FEW)
        return
    if isinstance(binning, NumericBinning):
        yield from _of_number(number, binning, reference, current)
    else:
        yield _of_category(number, reference, current)
    p, q = statistics.by_tenth(binning, reference), statistics.by_tenth(binning, current)
    method = TENTHS if numeric else LEVELS
    for name, distance in (("psi", statistics.psi), ("jensen_shannon", statistics.jensen_shannon)):
        floor = noise.floor(f"drift.{name}", n, m, p)
        yield number(f"drift.{name}", distance(p, q), n, floor=floor, method=method)


def _of_number(
    number: Number, binning: NumericBinning, reference: Profile, current: Profile
) -> Iterator[WindowMetric]:
    n, (lo, hi) = current.n, statistics.ks(binning, reference, current)
    floor = noise.floor("drift.ks", n, reference.n, statistics.shares(reference))
    yield number("drift.ks", lo, n, lo=lo, hi=hi, floor=floor, method=CERTIFIED)
    moved = statistics.wasserstein(binning, reference, current)
    if np.isfinite(moved):
        yield number("drift.wasserstein", moved, n, method=TRAPEZOID)
    else:
        yield number("drift.wasserstein", None, n, status=MeasurementStatus.NOT_ESTIMABLE)


def _of_category(number: Number, reference: Profile, current: Profile) -> WindowMetric:
    p, q = statistics.shares(reference), statistics.shares(current)
    floor = noise.floor("drift.largest_change", current.n, reference.n, p)
    method = f"chi-square p {statistics.homogeneity(reference, current):.3g}"
    change = statistics.largest_change(p, q)
    return number("drift.largest_change", change, current.n, floor=floor, method=method)


def _rates(binning: Binning, profile: Profile) -> Iterator[tuple[int | None, int]]:
    """Yield how many values are missing, new and invalid, and of how many; None: nobody can tell."""
    yield profile.nulls, profile.rows
    yield statistics.new_values(binning, profile), profile.n
    yield profile.invalid + profile.infinite, profile.n + profile.invalid


def _rate(
    number: Number, name: str, held: tuple[int | None, int], now: tuple[int | None, int], min_n: int
) -> WindowMetric:
    metric, (hits, n), (before, m) = f"data_quality.{name}", now, held
    if n < min_n:
        return number(metric, None, n, status=MeasurementStatus.TOO_FEW)
    if hits is None or before is None:
        return number(metric, None, n, status=MeasurementStatus.NOT_ESTIMABLE)
    found = wilson(hits, n)
    floor = noise.share_floor(before, m, n) if m else None
    return number(metric, found.value, n, lo=found.lo, hi=found.hi, floor=floor, method="wilson")
