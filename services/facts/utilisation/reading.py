"""MLflow's system metrics of a run, read into GPUs and processors.

References
----------
MLflow 3.x, ``mlflow/system_metrics``: keys are ``system/gpu_0_utilization_percentage``, behind the name
of a node ``system/node-1/gpu_0_…``; a value is the mean of the samples since the one before.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce

from services.facts.utilisation import series
from services.facts.utilisation.types import Gpu, Stretch, Track

KEY = re.compile(r"system/(?:(?P<node>.+)/)?gpu_(?P<number>\d+)_(?P<what>\w+)")
CPU = re.compile(r"system/(?:(?P<node>.+)/)?cpu_utilization_percentage")
BUSY, MEMORY, WATTS = "utilization_percentage", "memory_usage_percentage", "power_usage_watts"
SIZES = {"memory_usage_megabytes": 1e-3, "memory_usage_gigabytes": 1.0}
WANTED = frozenset({BUSY, MEMORY, WATTS, *SIZES})
IDLE = 0.05
"""Below this share of the time busy a GPU is idle."""
WAITING, AT_WORK = 0.30, 0.70
"""A GPU below the first waits for the processors where these are above the second."""
Tracks = Mapping[str, Track]


def keys(names: Iterable[str]) -> list[str]:
    """Return which metrics of a run are worth reading whole, by name."""
    return sorted(
        name
        for name in names
        if CPU.fullmatch(name) or ((m := KEY.fullmatch(name)) and m["what"] in WANTED)
    )


def gpus(tracks: Tracks, start: float, end: float) -> list[Gpu]:
    """Return the GPUs that samples tell of, by node and number.

    Parameters
    ----------
    start, end
        The run, in seconds since 1970.
    """
    names: set[tuple[str, int]] = set()
    for name in tracks:
        if (found := KEY.fullmatch(name)) and found["what"] in WANTED:
            names.add((found["node"] or "", int(found["number"])))
    return [_gpu(tracks, node, number, start, end) for node, number in sorted(names)]


def cpu(tracks: Tracks, start: float, end: float) -> float | None:
    """Return the mean share of the processors in use, over all nodes; None where nobody sampled it."""
    held = [
        each for name in tracks if CPU.fullmatch(name) for each in _shares(tracks, name, start, end)
    ]
    found = series.weighed(held)
    return found.mean if found else None


def _gpu(tracks: Tracks, node: str, number: int, start: float, end: float) -> Gpu:
    prefix = f"system/{node}/" if node else "system/"
    name = f"{node}/{number}" if node else str(number)
    busy = _shares(tracks, f"{prefix}gpu_{number}_{BUSY}", start, end)
    memory = _shares(tracks, f"{prefix}gpu_{number}_{MEMORY}", start, end)
    power = _held(tracks, f"{prefix}gpu_{number}_{WATTS}", start, end)
    both = series.together(busy, _shares(tracks, f"{prefix}cpu_utilization_percentage", start, end))
    watts = series.weighed(power)
    found = Gpu(
        name,
        series.weighed(busy),
        idle_seconds=series.seconds_where(busy, lambda share: share < IDLE),
        starved_seconds=sum(s for s, gpu, host in both if gpu < WAITING and host >= AT_WORK),
        compared_seconds=sum(s for s, _, _ in both),
        memory_peak=max((each.value for each in memory), default=None),
        watts=watts.mean if watts else None,
        kwh=watts.mean * watts.seconds / 3.6e6 if watts else None,
    )
    return replace(found, memory_gb=_size(tracks, f"{prefix}gpu_{number}_"))


def _held(tracks: Tracks, name: str, start: float, end: float) -> list[Stretch]:
    return series.stretches(tracks[name], start, end) if name in tracks else []


def _shares(tracks: Tracks, name: str, start: float, end: float) -> list[Stretch]:
    return [
        replace(each, value=min(1.0, max(0.0, each.value / 100)))
        for each in _held(tracks, name, start, end)
    ]


def _size(tracks: Tracks, prefix: str) -> float | None:
    """Return how large a GPU's memory is: what is in use, over the share that it is."""
    shares = tracks.get(prefix + MEMORY)
    if shares is None:
        return None
    by_time = dict(zip(shares.at, shares.values, strict=True))
    told: list[tuple[float, float]] = []
    for what, factor in SIZES.items():
        used = tracks.get(prefix + what)
        if used is not None:
            pairs = zip(used.at, used.values, strict=True)
            told += [(by_time.get(at, 0.0), value * factor) for at, value in pairs]
    share, size = reduce(max, told, (0.0, 0.0))
    return size / (share / 100) if share >= 1 else None
