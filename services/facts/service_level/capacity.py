"""How many servers a course of requests needs, and how much of that a peak alone asks for.

References
----------
Little 1961, A proof for the queuing formula L = λW.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HOUR = 3600.0
TARGET = 0.7
"""Share of the time a server may be busy: above it waiting grows fast."""
SHARES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Curve:
    """Requests an hour over a stretch, hours without any included.

    Attributes
    ----------
    p50, p95, p99, peak
        Requests in an hour; the busiest of 20 or of 100 hours is above p95 or p99.
    """

    hours: int
    mean: float
    p50: float
    p95: float
    p99: float
    peak: float


@dataclass(frozen=True, slots=True)
class Scaling:
    """What a course of requests needs.

    Attributes
    ----------
    steady, busy, peak
        Replicas for the median hour, for 99 of 100 hours, and for the busiest one.
    headroom
        How many times the requests of p99 one replica answers at the target; below 1 it is too few.
    idle_share
        Share of the replica hours that would be saved by following the requests hour by hour, against
        keeping as many as the busiest hour needs.
    target
        Requests an hour by one replica, that it is to be scaled by: above it waiting grows fast.
    """

    steady: int
    busy: int
    peak: int
    headroom: float
    idle_share: float
    target: float


def curve(counts: Mapping[int, int], hours: int) -> Curve | None:
    """Return the course of requests; None of no hours.

    Parameters
    ----------
    counts
        Requests by hour; hours that are missing had none.
    hours
        How many hours the stretch has, at least as many as ``counts``.
    """
    hours = max(hours, len(counts))
    if not hours:
        return None
    ordered = [0.0] * (hours - len(counts)) + sorted(map(float, counts.values()))
    p50, p95, p99 = (_quantile(ordered, share) for share in SHARES)
    return Curve(hours, math.fsum(ordered) / hours, p50, p95, p99, ordered[-1])


def replicas(an_hour: float, seconds: float, *, at_once: int = 1, target: float = TARGET) -> int:
    """Return how many replicas answer so many requests an hour; 1 at least.

    Parameters
    ----------
    seconds
        That one request keeps a worker busy, mean.
    at_once
        Requests that one replica answers beside each other.
    target
        Share of the time that its workers may be busy, in (0, 1].

    Notes
    -----
    Little's law: ``L = λ W`` requests are in service at once, so ``ceil(λ W / (at_once * target))``
    replicas are needed.
    """
    return max(1, math.ceil(an_hour / HOUR * seconds / (at_once * target) - 1e-9))


def answered(seconds: float, at_once: int = 1) -> float:
    """Return how many requests an hour one replica answers at the target: what it may be scaled by."""
    return TARGET * HOUR * at_once / seconds


def scaling(
    counts: Mapping[int, int], hours: int, seconds: float, at_once: int = 1
) -> Scaling | None:
    """Return what a course of requests needs; None where nothing was asked or nothing took time."""
    seen = curve(counts, hours)
    if seen is None or not seen.peak or seconds <= 0:
        return None
    most = replicas(seen.peak, seconds, at_once=at_once)
    following = sum(replicas(n, seconds, at_once=at_once) for n in counts.values())
    held = following + (seen.hours - len(counts))
    reference = seen.p99 or seen.peak
    return Scaling(
        replicas(seen.p50, seconds, at_once=at_once),
        replicas(reference, seconds, at_once=at_once),
        most,
        answered(seconds, at_once) / reference,
        1 - held / (most * seen.hours),
        answered(seconds, at_once),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
