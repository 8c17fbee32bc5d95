"""The worst numbers that are on file of one version: of all groups, of all features."""

from collections.abc import Mapping

from services.facts.evidence.types import Evidence, Measurement
from services.kernel.identity import Tier
from services.standards.policy.types import Policy

RATIO = "fairness.impact_ratio"
DRIFT = ("drift.ks", "drift.largest_change")


def worst_ratio(evidence: Mapping[str, Evidence]) -> Measurement | None:
    """Return the smallest impact ratio that was measured with an interval, or None."""
    found = evidence.get("fairness")
    rows = found.measurements if found else ()
    usable = [m for m in rows if m.metric == RATIO and m.value is not None and m.lo is not None]
    return min(usable, key=lambda m: m.value or 0.0, default=None)


def worst_drift(evidence: Mapping[str, Evidence]) -> Measurement | None:
    """Return the largest distance of the newest closed window, or None where nobody watched."""
    found = evidence.get("drift")
    rows = found.measurements if found else ()
    usable = [m for m in rows if m.metric in DRIFT and m.value is not None and not m.segment]
    return max(usable, key=lambda m: m.value or 0.0, default=None)


def drifts(policy: Policy | None, tier: Tier, evidence: Mapping[str, Evidence]) -> bool:
    """Tell whether a distance is certainly beyond the limit of a rule of watching."""
    found = evidence.get("drift")
    if policy is None or policy.monitoring is None or found is None:
        return False
    rules = policy.monitoring.rules_for(tier)
    bounds = {r.metric: r.limit for r in rules if r.metric in DRIFT and not r.feature and not r.by}
    near = ((m.metric, m.value if m.lo is None else m.lo) for m in found.measurements)
    return any(end is not None and name in bounds and end > bounds[name] for name, end in near)
