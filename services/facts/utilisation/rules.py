"""From samples to what is to be said of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.facts.utilisation import reading
from services.facts.utilisation.hardware import TYPES, GpuType, known
from services.facts.utilisation.types import Finding, Gpu, RunFacts, RunUse, Source

HOUR = 3600.0
MUCH_IDLE = 0.25
"""From this share of the sampled time on, a run is said to leave its GPU idle."""
MUCH_STARVED = 0.5
"""From this share of the compared time on, a run is bound by its processors."""
LEAST_SECONDS = 60.0
"""Less than a minute of samples says nothing."""
ROOM = 1.2
"""A smaller GPU must have a fifth more memory than was ever in use."""
FULL = 0.9
"""And be busy for nine tenths of the time at most, at the 95th percentile."""


def audit(facts: RunFacts, tracks: reading.Tracks, now: datetime, sku: str) -> RunUse:
    """Return how busy the hardware of a run was, and what is to be said of it.

    Parameters
    ----------
    tracks
        By the names of MLflow's system metrics; without any of a GPU the run is unknown.
    now
        Until when a run that has not ended is looked at.
    sku
        Its type of GPU as the price catalogue calls it; ``gpu`` where nobody says.
    """
    until = max(facts.started_at, facts.ended_at or now)
    start, end = facts.started_at.timestamp(), until.timestamp()
    seen = reading.gpus(tracks, start, end)
    count = len(seen) or facts.declared_gpus
    use = RunUse(
        facts,
        Source.SYSTEM_METRICS if seen else Source.NOBODY,
        until,
        gpus=count,
        gpu_hours=count * (end - start) / HOUR if count is not None else None,
        cpu=reading.cpu(tracks, start, end),
    )
    return judged(_of(use, seen), sku) if seen else use


def judged(use: RunUse, sku: str) -> RunUse:
    """Return a use with its findings; a run of which less than a minute is known has none."""
    if use.known_hours * HOUR < LEAST_SECONDS:
        return use
    smaller = tuple(each.sku for each in fitting(sku, use.memory_peak, use.busy_p95))
    found: list[Finding] = []
    if use.idle_hours is not None and use.idle_hours >= MUCH_IDLE * use.known_hours:
        found.append(Finding.IDLE)
    if use.starved_share is not None and use.starved_share >= MUCH_STARVED:
        found.append(Finding.CPU_BOUND)
    if smaller:
        found.append(Finding.OVER_SIZED)
    return replace(use, findings=tuple(found), smaller=smaller)


def fitting(sku: str, memory_peak: float | None, busy_p95: float | None) -> list[GpuType]:
    """Return the smaller types in which a run would have fitted without taking longer.

    Parameters
    ----------
    memory_peak
        Share of the memory of its own type.
    busy_p95
        Share of the time with a kernel running, 95th percentile.

    Notes
    -----
    A type is smaller when it is no better in anything and worse in something. What the run needs is
    at most the busy share times what its GPU can do, so the other must do that much within nine tenths
    of the time, in operations and in memory bandwidth alike, and hold a fifth more memory than the
    run ever used. Where one of the numbers is unknown, nothing is said.
    """
    own = known(sku)
    if own is None or memory_peak is None or busy_p95 is None:
        return []
    return [
        other
        for other in TYPES
        if _is_smaller(other, own)
        and memory_peak * own.memory_gb * ROOM <= other.memory_gb
        and busy_p95 * slowdown(own, other) <= FULL
    ]


def slowdown(own: GpuType, other: GpuType) -> float:
    """Return how many times longer the same work takes at most on another type."""
    return max(own.tflops / other.tflops, own.gb_per_second / other.gb_per_second)


def _is_smaller(other: GpuType, own: GpuType) -> bool:
    pairs = (
        (other.memory_gb, own.memory_gb),
        (other.tflops, own.tflops),
        (other.gb_per_second, own.gb_per_second),
    )
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def _of(use: RunUse, seen: Sequence[Gpu]) -> RunUse:
    busy = [each.busy for each in seen if each.busy is not None]
    seconds = sum(each.seconds for each in busy)
    compared = sum(each.compared_seconds for each in seen)
    energies = [each.kwh for each in seen if each.kwh is not None]
    middle = sorted(busy, key=lambda each: each.p50)
    return replace(
        use,
        known_hours=seconds / HOUR,
        idle_hours=sum(each.idle_seconds for each in seen) / HOUR if busy else None,
        starved_share=sum(e.starved_seconds for e in seen) / compared if compared else None,
        busy=sum(each.mean * each.seconds for each in busy) / seconds if seconds else None,
        busy_p50=middle[(len(middle) - 1) // 2].p50 if middle else None,
        busy_p95=max((each.p95 for each in busy), default=None),
        memory_peak=max((e.memory_peak for e in seen if e.memory_peak is not None), default=None),
        memory_gb=max((e.memory_gb for e in seen if e.memory_gb is not None), default=None),
        kwh=sum(energies) if energies else None,
    )


def of_sampler(
    facts: RunFacts, usages: Sequence[Mapping[str, object]], until: datetime, sku: str
) -> RunUse:
    """Return how busy the hardware of our own attempts was, as their engine's sampler says.

    Parameters
    ----------
    usages
        What the end of each attempt carries; see ``workflows.engine.types.Usage``.

    Notes
    -----
    The sampler keeps sums and no samples, so quantiles and waiting for processors stay unknown. An
    attempt without a sampler is unknown time; idle hours are told when every sampled one tells them.
    """
    held = [_number(each, "gpu_seconds") or 0.0 for each in usages]
    busy = [_number(each, "gpu_busy_share") for each in usages]
    use = RunUse(facts, Source.NOBODY, until, gpus=facts.declared_gpus)
    if sum(held):
        use = replace(use, gpu_hours=sum(held) / HOUR)
    told = [place for place, share in enumerate(busy) if share is not None and held[place]]
    seconds = sum(held[place] for place in told)
    if not seconds:
        return use
    idle = [_number(usages[place], "gpu_idle_share") for place in told]
    memory = [_number(usages[place], "gpu_memory_peak") for place in told]
    found = replace(
        use,
        source=Source.SAMPLER,
        known_hours=seconds / HOUR,
        busy=sum(float(busy[place] or 0) * held[place] for place in told) / seconds,
        idle_hours=None
        if None in idle
        else sum((share or 0) * held[place] for share, place in zip(idle, told, strict=True))
        / HOUR,
        memory_peak=max((each for each in memory if each is not None), default=None),
    )
    return judged(found, sku)


def _number(usage: Mapping[str, object], name: str) -> float | None:
    value = usage.get(name)
    return float(value) if isinstance(value, int | float | str) and str(value) else None
