"""What buying a run on spot would have cost, from interruptions that were observed.

References
----------
Young 1974, A first order approximation to the optimum checkpoint interval; Daly 2006, A higher order
estimate of the optimum checkpoint interval for restart dumps, equations 13, 20 and 37; Garwood 1936
for the interval of a Poisson rate.
"""

import math
from dataclasses import dataclass

LEVEL = 0.95
LONGEST = 700.0
"""The exponent above which a run would never end."""


@dataclass(frozen=True, slots=True)
class Interruptions:
    """What was observed of machines that may be taken away.

    Attributes
    ----------
    hours
        For which such machines ran.
    count
        How often one was taken away.
    """

    hours: float
    count: int

    @property
    def mean_hours(self) -> float | None:
        """Return the mean time between interruptions; None where none was observed."""
        return self.hours / self.count if self.count and self.hours > 0 else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Return the exact 95 % interval of the mean time between interruptions, shortest first."""
        if self.mean_hours is None:
            return None
        tail = (1 - LEVEL) / 2
        most = _mean_where(self.count, tail)
        least = _mean_where(self.count - 1, 1 - tail)
        return self.hours / most, self.hours / least


@dataclass(frozen=True, slots=True)
class Checkpointing:
    """How work is kept.

    Attributes
    ----------
    every_hours
        Between two checkpoints; None where none is written: then an interruption loses everything.
    write_hours, restart_hours
        What writing one takes, and what beginning again takes.
    """

    every_hours: float | None = None
    write_hours: float = 0.0
    restart_hours: float = 0.0


def wall_hours(work_hours: float, mean_hours: float, kept: Checkpointing) -> float:
    """Return the expected time that a run takes where it is interrupted.

    Parameters
    ----------
    work_hours
        What it takes without interruption or checkpoint, 0 or more.
    mean_hours
        Mean time between interruptions, above 0.

    Returns
    -------
    float
        Infinite where it is not to be expected to end.

    Notes
    -----
    Daly's model, complete for exponential interruptions: with ``n`` pieces of ``t`` hours and a write
    of ``d`` after each but the last, ``M exp(R / M) (exp((t + d) / M) - 1)`` for each. Without
    checkpoints the whole run is the one piece.
    """
    if not work_hours:
        return 0.0
    every = kept.every_hours
    if every is None or every >= work_hours:
        return _piece(work_hours, mean_hours, kept.restart_hours)
    pieces = math.ceil(work_hours / every - 1e-9)
    last = work_hours - (pieces - 1) * every
    one = _piece(every + kept.write_hours, mean_hours, kept.restart_hours)
    return (pieces - 1) * one + _piece(last, mean_hours, kept.restart_hours)


def lost_hours(work_hours: float, mean_hours: float, kept: Checkpointing) -> float:
    """Return the expected work done twice, with writing checkpoints and beginning again."""
    return wall_hours(work_hours, mean_hours, kept) - work_hours


def best_interval(mean_hours: float, write_hours: float) -> float:
    """Return the time between checkpoints that loses least, in hours.

    Notes
    -----
    Daly's higher-order estimate; its first term is Young's ``sqrt(2 d M)``. From ``d = 2 M`` on, where
    writing takes longer than anything survives, it is M.
    """
    if write_hours >= 2 * mean_hours:
        return mean_hours
    ratio = math.sqrt(write_hours / (2 * mean_hours))
    first = math.sqrt(2 * write_hours * mean_hours)
    return first * (1 + ratio / 3 + ratio**2 / 9) - write_hours


@dataclass(frozen=True, slots=True)
class Saving:
    """What spot would have saved, as a share of the cost on demand; negative where it would cost more.

    Attributes
    ----------
    lo, hi
        With the shortest and the longest mean time between interruptions that was not ruled out.
    """

    share: float
    lo: float
    hi: float


def saving(
    work_hours: float, price_ratio: float, seen: Interruptions, kept: Checkpointing
) -> Saving | None:
    """Return what spot would have saved; None, unknown, where no interruption was observed.

    Parameters
    ----------
    price_ratio
        Price of spot over price on demand.
    """
    mean, bounds = seen.mean_hours, seen.bounds
    if mean is None or bounds is None or work_hours <= 0:
        return None

    def share(at: float) -> float:
        return 1 - price_ratio * wall_hours(work_hours, at, kept) / work_hours

    return Saving(share(mean), share(bounds[0]), share(bounds[1]))


def _mean_where(count: int, share: float) -> float:
    """Return the mean of a Poisson count of which ``share`` lies at ``count`` or below."""
    low, high = 0.0, 10.0 + 4.0 * count
    for _ in range(100):
        middle = (low + high) / 2
        terms = (n * math.log(middle) - middle - math.lgamma(n + 1) for n in range(count + 1))
        is_more = math.fsum(map(math.exp, terms)) > share
        low, high = (middle, high) if is_more else (low, middle)
    return (low + high) / 2


def _piece(hours: float, mean: float, restart: float) -> float:
    if (hours + restart) / mean > LONGEST:
        return math.inf
    return mean * math.exp(restart / mean) * math.expm1(hours / mean)
