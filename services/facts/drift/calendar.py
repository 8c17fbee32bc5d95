"""Features that move with the time alone: one value in a window, another one in the next.

Notes
-----
In windows of a day the day of the week is one value, and the reference holds seven: the distance is
large each day and says nothing. It is told from what the windows hold, never from a name: each holds
one value above all, they are not the same one, and in the reference none is above all. A feature that
got stuck at one value is none, since its windows agree; one that turns slowly, such as the month in
windows of a day, is known after its first turn, and until then it drifts as far as anybody can tell.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from services.facts.drift.types import NumericBinning, Profile
from services.facts.window.types import CALENDAR, WindowMetric

STEADY, VARIED = 0.8, 0.5
"""Shares of the commonest value: in a window at least, in the reference at most."""
MOST_OTHERS = 0.1
"""Windows of the past that may hold several values, such as those of a change of the clock."""
WINDOWS = 30
"""How many windows back are asked."""


def steady(reference: Profile, current: Profile, min_n: int) -> bool:
    """Tell whether a window holds one value above all where the reference has none such."""
    if current.n < max(1, min_n) or not reference.n:
        return False
    return _top(current) >= STEADY and _top(reference) <= VARIED


def turns(
    binning: object, reference: Profile, windows: Sequence[Profile], min_n: int
) -> bool:  # fmt: skip
    """Tell whether a feature is steady in its windows and turns between them.

    Parameters
    ----------
    windows
        The profiles of some windows, the newest among them; those with few rows are passed over.
    """
    known = [each for each in windows if each.n >= max(1, min_n)]
    held = [each for each in known if steady(reference, each, min_n)]
    if len(known) - len(held) > MOST_OTHERS * len(known):
        return False
    return len({_value(binning, each) for each in held}) > 1


def excused(number: WindowMetric) -> WindowMetric:
    """Return a distance as it is filed of such a feature: shown, and no larger than its chance."""
    if number.value is None or number.is_calendar:
        return number
    floor = max(number.value, number.floor or 0.0)
    return replace(number, floor=floor, method=f"{number.method}; {CALENDAR}".removeprefix("; "))


def _top(profile: Profile) -> float:
    return float(profile.counts.max()) / profile.n


def _value(binning: object, profile: Profile) -> float:
    """Return the commonest value as a number: its bin, and of values beyond all bins their middle."""
    place = int(profile.counts.argmax())
    is_outer = place in (0, len(profile.counts) - 1)
    if isinstance(binning, NumericBinning) and is_outer and np.isfinite(profile.total):
        return profile.total / profile.n
    return float(place)
