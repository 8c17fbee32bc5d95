"""Training-serving skew: how far rows that are served are from those of training, from the first one on.

Notes
-----
Both skew and drift are distances from the rows of training. What came in later is drift; what was there
in every window since service began is skew: the features are made otherwise there than they were for
training. So the skew of a window is the smallest distance of all windows up to it. Seasons and chance
leave a window that is near, a wrong unit leaves none; once it is mended, the skew is gone for good.
A window may be too short to hold what training held: the weather of one day is never that of a winter.
So where no window was near, the last ones are held against training together as well.
Distances are those of TensorFlow Data Validation and Vertex AI: Jensen-Shannon for numbers, the largest
change of a share for categories.

References
----------
Breck et al. 2019, data validation for machine learning; Endres and Schindelin 2003.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.facts.drift import noise, rules, statistics
from services.facts.drift.types import Binning, NumericBinning, Profile
from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import WindowMetric

DISTANCE, DIFFERENCES = "drift.skew_distance", "drift.skew_differences"
OF_NUMBERS, OF_CATEGORIES = "drift.jensen_shannon", "drift.largest_change"
SINCE = "smallest since service began"
NEAR = 0.1
"""Up to this distance a feature is as in training, and nothing more is asked."""


def today(numbers: Iterable[WindowMetric], features: Mapping[str, str]) -> list[WindowMetric]:
    """Return the distance of each feature in a window, before the windows before it are asked.

    Parameters
    ----------
    numbers
        What was measured of the window.
    features
        The kind of each feature: ``number`` or ``category``.
    """
    wanted = {"number": OF_NUMBERS, "category": OF_CATEGORIES}
    return [
        replace(each, metric=DISTANCE, method=each.metric.removeprefix("drift.").replace("_", "-"))
        for each in numbers
        if not each.segment and each.metric == wanted.get(features.get(each.feature, ""))
    ]


def since_first(now: WindowMetric, before: WindowMetric | None) -> WindowMetric:
    """Return the skew of a window.

    Parameters
    ----------
    before
        The skew of the window before it; None for the first.
    """
    if before is None or before.value is None:
        return now if now.value is None else replace(now, method=f"{now.method}, {SINCE}")
    if now.value is not None and now.value <= before.value:
        return replace(now, method=f"{now.method}, {SINCE}")
    return replace(
        now, value=before.value, n=before.n, floor=before.floor, method=before.method,
        status=MeasurementStatus.OK,
    )  # fmt: skip


def together(
    now: WindowMetric, binning: Binning, reference: Profile, windows: Sequence[Profile]
) -> WindowMetric:
    """Return the distance of some windows together, as that of the newest.

    Parameters
    ----------
    now
        The distance of the newest window.
    windows
        Profiles of ``binning``, the newest among them; all of them together hold a value or more.
    """
    held = rules.merge(windows)
    if isinstance(binning, NumericBinning):
        name, distance = OF_NUMBERS, statistics.jensen_shannon
        p, q = (statistics.by_tenth(binning, each) for each in (reference, held))
    else:
        name, distance = OF_CATEGORIES, statistics.largest_change
        p, q = (statistics.shares(each) for each in (reference, held))
    words = name.removeprefix("drift.").replace("_", "-")
    return replace(
        now, value=float(distance(p, q)), n=held.n, floor=noise.floor(name, held.n, reference.n, p),
        method=f"{words}, {len(windows)} windows together", status=MeasurementStatus.OK,
    )  # fmt: skip
