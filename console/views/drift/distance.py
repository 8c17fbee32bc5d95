"""How far two distributions are apart: worked out from two profiles, and told with its limit."""

from collections.abc import Mapping

from console.format import interval, number, plain
from console.views.drift.history import said
from console.views.drift.limits import Limit
from console.views.drift.scope import Scope
from services.facts.drift import statistics
from services.facts.drift.types import Binning, NumericBinning, Profile
from services.facts.window.types import Seen, WindowMetric
from services.kernel.metric import metric


def told(found: WindowMetric | None, limits: Mapping[str, Limit]) -> tuple[str, str, str]:
    """Return status, word and sentence of a distance held against its limit."""
    if found is None:
        return "unknown", "Not measured", "nobody measured this feature in this window"
    limit = limits.get(found.metric)
    name = metric(found.metric).words
    if found.value is None:
        return "unknown", "Not measured", f"{name}: {plain(said(found))}"
    bound = limit.bound if limit else None
    words = f"{name} **{plain(interval(found.value, found.lo, found.hi, limit=bound))}**"
    if found.floor is not None:
        words += f", chance alone {number(found.floor)}"
    if limit is None:
        return "none", "No limit set", words
    return *limit.verdict(found), f"{words}, {limit.words} by {plain(limit.source)}"


def apart(
    scope: Scope, here: Seen, binning: Binning, one: Profile, two: Profile
) -> WindowMetric | None:
    """Return how far two stored profiles are apart; None where the statistic is not for this kind."""
    bounds = None
    p, q = statistics.by_tenth(binning, one), statistics.by_tenth(binning, two)
    if scope.statistic.key == "psi":
        name, value = "drift.psi", statistics.psi(p, q)
    elif scope.statistic.key == "js":
        name, value = "drift.jensen_shannon", statistics.jensen_shannon(p, q)
    elif isinstance(binning, NumericBinning):
        if scope.statistic.key == "wasserstein":
            name, value = "drift.wasserstein", statistics.wasserstein(binning, one, two)
        else:
            bounds = statistics.ks(binning, one, two)
            name, value = "drift.ks", bounds.lo
    elif scope.statistic.key == "ks":
        name, value = "drift.largest_change", statistics.largest_change(p, q)
    else:
        return None
    return WindowMetric(
        here.start, here.end, name, value, two.n, lo=bounds.lo if bounds else None,
        hi=bounds.hi if bounds else None, method="from the two stored profiles",
    )  # fmt: skip
