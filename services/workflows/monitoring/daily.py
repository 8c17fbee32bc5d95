"""What a gate sees of production: for each closed window the worst numbers of each kind, as evidence.

Notes
-----
Outcomes arrive for weeks and change neither what the model was given nor what it answered, so how they
moved is no part of it: a closed window's evidence stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    MeasurementStatus,
    Producer,
    Reading,
)
from services.facts.window.rules import window_of
from services.facts.window.types import Monitor, StoredProfile, WindowMetric
from services.kernel.identity import SYSTEM
from services.kernel.metric import metric
from services.record.canonical import canonical, sha256_hex
from services.workflows.measurement.service import code_version
from services.workflows.monitoring.types import Parts

SCHEMA = "window/1"
NEWEST = 7
OUTCOME = "outcome"
KINDS: Mapping[str, EvidenceKind] = {
    "drift": EvidenceKind.DRIFT,
    "data_quality": EvidenceKind.DATA_QUALITY,
    "service": EvidenceKind.SERVICE_LEVEL,
}


def file(parts: Parts, task_id: str, monitor: Monitor, start: datetime) -> list[str]:
    """File the evidence of one closed window, what is not on file already; return the kinds."""
    period = window_of(start, monitor.granularity)
    with parts.store.reading() as session:
        since, until = period.start, period.end
        numbers = parts.windows.numbers(session, monitor, since=since, until=until)
        profiles = parts.windows.profiles(session, monitor, since=since, until=until)
        numbers = [each for each in numbers if each.feature != OUTCOME]
        profiles = [each for each in profiles if each.feature != OUTCOME]
        aliases = parts.registry.aliases(session, monitor.ref.name)
        known = parts.evidence.of_period(session, monitor.ref, period.end)
    alias = next((a for a, v in sorted(aliases.items()) if v == monitor.ref.version), None)
    readings = [
        reading
        for family, kind in KINDS.items()
        if (reading := read(kind, _of(numbers, family), profiles, monitor, alias))
        and known.get(kind.value) != sha256_hex(canonical(reading.payload))
    ]
    producer = Producer(task_id, code_version())
    for each in readings:
        with parts.store.unit(SYSTEM) as unit:
            parts.evidence.file(unit, monitor.ref, replace(each, period=period), producer)
    return [each.kind.value for each in readings]


def _of(numbers: Sequence[WindowMetric], family: str) -> list[WindowMetric]:
    return [each for each in numbers if metric(each.metric).family == family]


def read(
    kind: EvidenceKind,
    numbers: Sequence[WindowMetric],
    profiles: Sequence[StoredProfile],
    monitor: Monitor,
    alias: str | None,
) -> Reading | None:
    """Return one kind's evidence of a window; None where nothing of the kind was measured."""
    if not numbers:
        return None
    return Reading(
        kind=kind,
        schema=SCHEMA,
        payload={
            "granularity": monitor.granularity,
            "reference_sha256": monitor.reference_sha256,
            "reference_rows": monitor.reference_rows,
            "profiles_sha256": _digest(profiles),
            "numbers": [_plain(each) for each in numbers],
        },
        measurements=tuple(worst(numbers)),
        inputs=(
            EvidenceInput("reference", monitor.reference_sha256, monitor.reference_rows),
            EvidenceInput("profiles", _digest(profiles), len(profiles)),
        ),
        parameters={"monitor_id": monitor.monitor_id, "granularity": monitor.granularity},
        alias=alias,
    )


def worst(numbers: Sequence[WindowMetric]) -> list[Measurement]:
    """Return the worst number of each metric over the features, and those by segment beside it.

    Notes
    -----
    A feature that could not be told hides behind no other: where one is too few, and no other is worse
    than it could be, the worst is what was told, and the payload says what was not. One that moves with
    the calendar is as far away as every day, and is in the payload alone.
    """
    found: list[Measurement] = []
    for name in dict.fromkeys(each.metric for each in numbers):
        own = [each for each in numbers if each.metric == name and not each.segment]
        told = [each for each in own if each.value is not None and not each.is_calendar]
        sign = 1 if metric(name).direction == "higher" else -1
        if told:
            found.append(_measured(min(told, key=lambda each: sign * (each.value or 0.0))))
        elif own:
            found.append(_measured(own[0]))
    return found


def _measured(number: WindowMetric) -> Measurement:
    known = metric(number.metric)
    method = f"{number.method}, {number.feature}" if number.feature else number.method
    level = 1.0 if number.method.startswith("certified") else 0.95
    return Measurement(
        number.metric, "", number.value, known.unit, number.n, number.lo, number.hi,
        level if number.lo is not None else None, method, MeasurementStatus(number.status),
    )  # fmt: skip


def _plain(number: WindowMetric) -> dict[str, Any]:
    held = asdict(number)
    return {key: value for key, value in held.items() if key not in ("start", "end", "coverage")}


def _digest(profiles: Sequence[StoredProfile]) -> str:
    rows = [f"{p.feature}\x00{p.segment}\x00{p.n}\x00{sha256_hex(p.profile)}" for p in profiles]
    return sha256_hex("\n".join(sorted(rows)).encode())
