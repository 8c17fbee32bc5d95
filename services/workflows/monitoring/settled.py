"""From which day on somebody has to look again who found nothing to do."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True)
class Settled:
    """That all windows were measured from what there was, and what that was.

    Attributes
    ----------
    at
        When nothing was due.
    running
        The first day of the window that was not over then.
    until
        From when on time alone may make a window due: the running one is over, or was waited for.
    states
        By day what differs whenever its tally does.
    """

    at: datetime
    running: date
    until: datetime
    states: Mapping[date, Hashable]

    def since(self, states: Mapping[date, Hashable], now: datetime) -> date | None:
        """Return the first day that must be looked at; None where nothing can be due.

        Notes
        -----
        Windows that were over then stay as they are unless their rows changed, whenever those came
        in. Where the clock was set back, or nothing is known, everything is looked at. The newest
        day is always among those that are: what follows it is silence.
        """
        if now < self.at or not states or not self.states:
            return date.min
        changed = _changed(self.states, states)
        if not changed and now < self.until:
            return None
        return min(self.running, max(states), *changed)


def _changed(before: Mapping[date, Hashable], now: Mapping[date, Hashable]) -> list[date]:
    if before is now:
        return []
    first = min(now)
    gone = [day for day in before if day not in now and day > first]
    return gone + [day for day, state in now.items() if before.get(day) != state]


_EVER = datetime.min.replace(tzinfo=UTC)
UNKNOWN = Settled(_EVER, date.min, _EVER, {})
