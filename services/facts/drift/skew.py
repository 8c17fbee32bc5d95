"""Training-serving skew: how far rows that are served are from those of training, from the first one on.

Notes
-----
Both skew and drift are distances from the rows of training. What came in later is drift; what was there
in every window since service began is skew: the features are made otherwise there than they were for
training. So the skew of a window is the smallest distance of all windows up to it. Seasons and chance
leave a window that is near, a wrong unit leaves none; once it is mended, the skew is gone for good.
Distances are those of TensorFlow Data Validation and Vertex AI: Jensen-Shannon for numbers, the largest
change of a share for categories.

References
----------
Breck et al. 2019, data validation for machine learning; Endres and Schindelin 2003.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import WindowMetric

DISTANCE, DIFFERENCES = "drift.skew_distance", "drift.skew_differences"
OF_NUMBERS, OF_CATEGORIES = "drift.jensen_shannon", "drift.largest_change"
SINCE = "smallest since service began"


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
