"""What is known of the windows before one: how far features were from training, and what they held."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from services.facts.drift import codec
from services.facts.drift.calendar import WINDOWS
from services.facts.drift.skew import DISTANCE
from services.facts.drift.types import Profile
from services.facts.performance.pooling import GAP
from services.facts.performance.pooling import WINDOWS as POOLED
from services.facts.prediction.withheld import Decision
from services.facts.window import callers
from services.facts.window.rules import LENGTHS
from services.facts.window.service import Windows
from services.facts.window.types import Monitor, WindowMetric
from services.record.trail.unit_of_work import Store


@dataclass(frozen=True)
class Past:
    """The windows before one.

    Attributes
    ----------
    skew
        The newest skew of each feature.
    profiles
        Returns what the windows hold of some features, oldest first.
    callers
        Queries of each caller by window, oldest first.
    gaps
        Estimated minus realised accuracy of the few windows right before, oldest first.
    decisions
        What was decided on keeping the model's rows, oldest first; those of today among them.
    """

    skew: Mapping[str, WindowMetric]
    profiles: Callable[[Sequence[str]], Mapping[str, list[Profile]]]
    callers: Mapping[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])
    gaps: Sequence[WindowMetric] = ()
    decisions: Sequence[Decision] = ()


def _nothing(features: Sequence[str]) -> Mapping[str, list[Profile]]:
    del features
    return {}


NO_PAST = Past({}, _nothing)


def before(store: Store, windows: Windows, monitor: Monitor, start: datetime) -> Past:
    """Return what is known of the windows before one; after a pause of thirty all begins anew."""
    since = first_of(monitor, start)

    def profiles(features: Sequence[str]) -> Mapping[str, list[Profile]]:
        held: dict[str, list[Profile]] = defaultdict(list)
        with store.reading() as session:
            stored = windows.profiles(session, monitor, features, since=since, until=start)
        for each in stored:
            held[each.feature].append(codec.unpack_profile(each.profile))
        return held

    with store.reading() as session:
        return Past(
            _skew(session, windows, monitor, since, start),
            profiles,
            callers.past(session, monitor, since, start),
            windows.numbers(
                session,
                monitor,
                metrics=[GAP],
                until=start,
                since=start - (POOLED - 1) * LENGTHS[monitor.granularity],
            ),
        )


def first_of(monitor: Monitor, start: datetime) -> datetime:
    """Return since when windows count as the past of one."""
    return start - WINDOWS * LENGTHS[monitor.granularity]


def _skew(
    session: Session, windows: Windows, monitor: Monitor, since: datetime, start: datetime
) -> dict[str, WindowMetric]:
    """Return the newest number of each feature: mostly of the window right before, which is asked first."""
    for begin in (start - LENGTHS[monitor.granularity], since):
        found = windows.numbers(session, monitor, metrics=[DISTANCE], since=begin, until=start)
        if found:
            return {each.feature: each for each in found}
    return {}
