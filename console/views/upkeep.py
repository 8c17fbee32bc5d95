"""How much of the disk the environments of trainings take, as one check of System health."""

from collections.abc import Mapping
from typing import Any

from console.format import plural

GB = 10**9
NAME = "Training environments"


def environments(told: Mapping[str, Any] | None) -> tuple[str, str, str, str, str]:
    """Return the check as System health shows it: name, status, word, finding, advice.

    Parameters
    ----------
    told
        What the worker said last; None when it never looked.
    """
    if told is None or "why" in told:
        why = str(told["why"]) if told else "The worker has not looked yet."
        return NAME, "unknown", "Not checked", why, "Look at the log of the worker."
    held = f"{told['bytes'] / GB:.1f} of {told['limit'] / GB:g} GB"
    found = f"{plural(told['environments'], 'environment')} and their downloads take {held}"
    gone = f"; {told['removed']} that nobody used for long went" if told["removed"] else ""
    if told["bytes"] > told["limit"]:
        advice = "Raise COUNTERSIGN_ENVIRONMENTS_GB, or wait until tickets under way are over."
        return NAME, "stale", "Above the limit", f"{found}{gone}.", advice
    return NAME, "pass", "Within the limit", f"{found}{gone}.", ""
