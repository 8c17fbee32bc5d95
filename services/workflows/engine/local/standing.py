"""How an attempt stands, read from its folder; who finds it without a supervisor writes its end."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.workflows.engine.local import processes
from services.workflows.engine.local.order import mark_of
from services.workflows.engine.local.place import EXIT, LOCK, STANDING, STARTED, USAGE, Place
from services.workflows.engine.types import EngineState, GpuUse, Status, Usage

BEGINS_WITHIN = 20.0
"""Seconds that a supervisor may take to begin."""
_VANISHED = "Its supervisor vanished; nothing of it runs any more."
_NEVER = "It was never started."


def read(place: Place) -> Status:
    """Return how an attempt stands.

    Raises
    ------
    FileNotFoundError
        When its folder is not there, or was just taken away.
    """
    if (ended := place.read(EXIT)) is not None:
        return _ended(ended)
    with place.held() as is_free:
        if is_free and (ended := _end_of_the_dead(place)) is not None:
            return _ended(ended)
    standing = place.read(STANDING) or {}
    return Status(
        EngineState(standing.get("phase", "pending")),
        started_at=_instant(standing.get("started_at")),
        usage=_usage(place.read(USAGE)),
    )


def tombstone(state: str, reason: str, usage: dict[str, Any] | None) -> dict[str, Any]:
    """Return the end of an attempt that nobody supervises; it ended when it was last seen."""
    seen = usage["at"] if usage else time.time()
    return {"state": state, "reason": reason, "finished_at": seen, "usage": usage}


def _end_of_the_dead(place: Place) -> dict[str, Any] | None:
    """Return how an attempt without a supervisor ended; None for one that may still begin."""
    if (ended := place.read(EXIT)) is not None:
        return ended
    if not place.has(STARTED):
        waits = time.time() - Path(place.path(LOCK)).stat().st_mtime < BEGINS_WITHIN
        return None if waits else _bury(place, _NEVER)
    return _bury(place, _VANISHED)


def _bury(place: Place, reason: str) -> dict[str, Any]:
    """Write the end of an attempt in place of its supervisor, whose lock is held."""
    processes.sweep(mark_of(place.folder))
    usage, standing = place.read(USAGE), place.read(STANDING) or {}
    ended = {**tombstone("lost", reason, usage), "started_at": standing.get("started_at")}
    place.write(EXIT, ended)
    return ended


def _ended(found: dict[str, Any]) -> Status:
    return Status(
        EngineState(found["state"]),
        reason=found["reason"],
        exit_code=found.get("exit_code"),
        started_at=_instant(found.get("started_at")),
        finished_at=_instant(found["finished_at"]),
        usage=_usage(found.get("usage")),
        preempted=found.get("preempted", False),
    )


def _usage(found: dict[str, Any] | None) -> Usage | None:
    if found is None:
        return None
    told: dict[str, Any] = {**found, "gpus": tuple(GpuUse(**each) for each in found["gpus"])}
    for each in ("at", "gpu_idle_since"):
        told[each] = _instant(found[each])
    return Usage(**told)


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
