"""Unevenly spaced samples: how long each one counts, and what they come to."""

import statistics
from collections.abc import Callable, Iterable, Sequence

from services.facts.utilisation.types import Stretch, Track, Weighed

GAP = 3.0
"""A pause of more than so many usual intervals is a gap: nobody knows what was during it."""
USUAL_SECONDS = 10.0
"""How often MLflow samples where a run has one sample alone."""


def track(samples: Iterable[tuple[float, float]]) -> Track:
    """Return samples by time; of two at one instant the later one counts, and NaN counts never."""
    held = {at: value for at, value in samples if value == value}  # noqa: PLR0124 - NaN
    times = sorted(held)
    return Track(tuple(times), tuple(held[at] for at in times))


def stretches(samples: Track, start: float, end: float) -> list[Stretch]:
    """Return the times during which a metric is known, oldest first.

    Parameters
    ----------
    start, end
        The run, in seconds since 1970; what was sampled outside is left out.

    Notes
    -----
    MLflow logs the mean of an interval at its end, so a sample speaks for the time since the one
    before it. After a pause of more than three usual intervals (their median) it speaks for one usual
    interval alone. Time after the last sample is unknown.
    """
    steps = [b - a for a, b in zip(samples.at, samples.at[1:], strict=False)]
    usual = statistics.median(steps) if steps else USUAL_SECONDS
    found: list[Stretch] = []
    before = samples.at[0] - usual if samples.at else start
    for at, value in zip(samples.at, samples.values, strict=True):
        begins = before if at - before <= GAP * usual else at - usual
        begins, ends = max(begins, start), min(at, end)
        if ends > begins:
            found.append(Stretch(begins, ends, value))
        before = at
    return found


def weighed(held: Sequence[Stretch]) -> Weighed | None:
    """Return mean, median, 95th percentile and peak by time; None where nothing was sampled."""
    seconds = sum(each.seconds for each in held)
    if not seconds:
        return None
    mean = sum(each.value * each.seconds for each in held) / seconds
    return Weighed(
        mean, quantile(held, 0.5), quantile(held, 0.95), max(each.value for each in held), seconds
    )


def quantile(held: Sequence[Stretch], share: float) -> float:
    """Return the least value that is not exceeded for a share of the time.

    Parameters
    ----------
    held
        At least one.
    share
        In (0, 1].
    """
    ordered = sorted(held, key=lambda each: each.value)
    wanted = share * sum(each.seconds for each in ordered)
    passed = 0.0
    for each in ordered:
        passed += each.seconds
        if passed >= wanted * (1 - 1e-12):
            return each.value
    return ordered[-1].value


def seconds_where(held: Iterable[Stretch], holds: Callable[[float], bool]) -> float:
    """Return how long a condition held."""
    return sum(each.seconds for each in held if holds(each.value))


def together(one: Sequence[Stretch], other: Sequence[Stretch]) -> list[tuple[float, float, float]]:
    """Return the times in which both are known: seconds, and the value of each."""
    found: list[tuple[float, float, float]] = []
    place = 0
    for each in one:
        while place < len(other) and other[place].end <= each.start:
            place += 1
        here = place
        while here < len(other) and other[here].start < each.end:
            shared = min(each.end, other[here].end) - max(each.start, other[here].start)
            if shared > 0:
                found.append((shared, each.value, other[here].value))
            here += 1
    return found
