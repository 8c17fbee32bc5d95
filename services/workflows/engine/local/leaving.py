"""Ending what trains on this machine when its console is stopped for good.

A worker that dies, or is started again, ends no training. Whoever stops everything does: each script is asked to write
its checkpoint, and its ticket goes on from there when the console runs again.
"""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

from services.workflows.engine.local import processes
from services.workflows.engine.local.order import mark_of
from services.workflows.engine.local.place import STANDING, Place

_LOOK_EVERY = 0.05


def ask(jobs: Path) -> int:
    """Ask all supervisors below a folder of jobs to stop; return how many there are."""
    number = 0
    for _, supervisor in _living(jobs):
        processes.end(supervisor, signal.SIGTERM)
        number += 1
    return number


def end(jobs: Path, until: float) -> int:
    """Wait for all of them, then end what is left; return how many did not end by themselves.

    Parameters
    ----------
    until
        How long to wait, as ``time.monotonic`` counts.
    """
    ask(jobs)
    while any(_living(jobs)) and time.monotonic() < until:
        time.sleep(_LOOK_EVERY)
    left = list(_living(jobs))
    for place, supervisor in left:
        processes.end(supervisor, signal.SIGKILL)
        processes.sweep(mark_of(place.folder))
    return len(left)


def _living(jobs: Path) -> Iterator[tuple[Place, int]]:
    """Yield the attempts whose supervisor lives, with its process."""
    for standing in jobs.glob(f"*/attempts/*/{STANDING}"):
        place = Place(str(standing.parent))
        told = place.read(STANDING)
        if told is not None and not _is_free(place):
            yield place, int(told["supervisor"])


def _is_free(place: Place) -> bool:
    """Tell whether nobody supervises an attempt; its folder may be cleaned up meanwhile."""
    try:
        with place.held() as is_free:
            return is_free
    except FileNotFoundError:
        return True
