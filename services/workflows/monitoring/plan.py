"""Which windows must be measured: those whose rows are not the rows they were measured from."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.facts.window.rules import window_of, windows_between
from services.facts.window.types import Granularity, Seen
from services.kernel.period import Period
from services.record.canonical import sha256_hex
from services.workflows.monitoring.types import Due, Tally

PATIENCE = timedelta(minutes=5)
NO_ROWS = "none"


def due(
    tallies: Sequence[Tally],
    seen: Sequence[Seen],
    granularity: Granularity,
    now: datetime,
    watched_since: datetime,
    patience: timedelta = PATIENCE,
) -> list[Due]:
    """Return the windows that must be measured, oldest first.

    Parameters
    ----------
    tallies
        The days that hold rows; days between the first and today that are not named held none.
    watched_since
        When the monitor was made: a stream that had ended before is not silent, it is over.
    patience
        A window that is still open is not measured more often than this.

    Notes
    -----
    Windows without rows are windows too: silence is seen. A window later than now has rows only where
    a clock is wrong, which the door refuses.
    """
    known = {each.start: each for each in seen}
    found: list[Due] = []
    last = max((each.day for each in tallies), default=None)
    for period, its in _by_window(tallies, granularity, now):
        if not its and last and period.start.date() > last and period.end <= watched_since:
            continue
        stamp = _stamp(its)
        closed = period.end <= now
        before = known.get(period.start)
        if before is not None and before.stamp == stamp and before.closed == closed:
            continue
        if before is not None and not closed and now - before.measured_at < patience:
            continue
        rows, labelled = sum(t.rows for t in its), sum(t.labelled for t in its)
        found.append(Due(period, tuple(t.day for t in its), rows, labelled, stamp, closed))
    return found


def in_parts(plan: Callable[[str], Mapping[str, Any]]) -> Iterator[tuple[list[Any], float]]:
    """Yield windows to measure, some at a time, and the share that is done after them, in [0, 1].

    Parameters
    ----------
    plan
        Returns ``parts`` of windows that begin after an instant, and how many are ``left`` after those.
    """
    done, after, left = 0, "", 1
    while left:
        planned = plan(after)
        left = planned["left"]
        whole = done + sum(map(len, planned["parts"])) + left
        for windows in planned["parts"]:
            done, after = done + len(windows), windows[-1]["start"]
            yield windows, done / whole


def _by_window(
    tallies: Sequence[Tally], granularity: Granularity, now: datetime
) -> list[tuple[Period, list[Tally]]]:
    if not tallies:
        return []
    held: dict[datetime, list[Tally]] = defaultdict(list)
    for each in sorted(tallies, key=lambda one: one.day):
        start = midnight(each.day)
        for window in windows_between(start, start + timedelta(days=1), granularity):
            held[window.start].append(each)
    first = window_of(midnight(min(t.day for t in tallies)), granularity)
    return [
        (window, held.get(window.start, []))
        for window in windows_between(first.start, now, granularity)
        if window.start <= now
    ]


def midnight(day: date) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)


def _stamp(its: Sequence[Tally]) -> str:
    if not its:
        return NO_ROWS
    return sha256_hex("\n".join(f"{t.day} {t.stamp}" for t in its).encode())[:32]
