"""What an attempt uses, written as it runs, so that it is known whoever dies.

Imported by the supervisor: the standard library only, and little of it.
"""

import os
import resource
import time
from collections.abc import Callable
from typing import Any

from services.workflows.engine.local import processes
from services.workflows.engine.local.place import USAGE, Place

EVERY, GPU_EVERY = 0.5, 2.0
SHARE = 50
"""Looking may take a fiftieth of the time at most: then it is done less often."""
IDLE, NEARLY_NOTHING = 0.2, 0.05
_MB = 1024 * 1024


class Meter:
    """Processor seconds, memory and GPUs of the processes below this one.

    Parameters
    ----------
    gpus
        How many were allocated.
    look
        What the allocated GPUs say of themselves; None where none was allocated or none can say.
    """

    def __init__(
        self, place: Place, gpus: int, look: Callable[[], list[dict[str, Any]]] | None
    ) -> None:
        self._place = place
        self._gpus = gpus
        self._look = look
        self._began = time.monotonic()
        self._due = self._gpu_due = 0.0
        self._processor = 0.0
        self._peak = 0
        self._seen: list[dict[str, Any]] = []
        self._busy, self._looks, self._idle = 0.0, 0, 0
        self._memory: float | None = None
        self._idle_since: float | None = None
        self.memory = 0

    @property
    def wall(self) -> float:
        """Return the seconds since it runs."""
        return time.monotonic() - self._began

    def sample(self) -> None:
        """Look, where it is time to, and write what was seen."""
        began = time.monotonic()
        if began < self._due:
            return
        below = processes.descendants(os.getpid())
        self.memory = processes.resident(below)
        self._peak = max(self._peak, self.memory)
        self._processor = max(self._processor, processes.used(below) + _of_the_ended())
        if self._look is not None and began >= self._gpu_due:
            self._of_gpus(self._look())
            self._gpu_due = began + GPU_EVERY
        self._write()
        now = time.monotonic()
        self._due = now + max(EVERY, SHARE * (now - began))

    def close(self) -> dict[str, Any]:
        """Return what was used in all, when everything ended."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        self._processor = max(self._processor, ended.ru_utime + ended.ru_stime)
        self._peak = max(self._peak, ended.ru_maxrss * 1024)
        return self.usage

    @property
    def usage(self) -> dict[str, Any]:
        """Return what was used until now."""
        wall = self.wall
        return {
            "at": time.time(),
            "wall_seconds": wall,
            "cpu_seconds": self._processor,
            "peak_memory_mb": self._peak / _MB,
            "gpu_seconds": self._gpus * wall,
            "gpu_busy_share": self._busy / self._looks if self._looks else None,
            "gpu_idle_since": self._idle_since,
            "gpu_idle_share": self._idle / self._looks if self._looks else None,
            "gpu_memory_peak": self._memory,
            "gpus": self._seen,
        }

    def _write(self) -> None:
        """Write what was used; a disk that is full for a while ends no training."""
        try:
            self._place.write(USAGE, self.usage)
        except OSError:
            return

    def _of_gpus(self, seen: list[dict[str, Any]]) -> None:
        self._seen = seen
        self._busy += sum(each["busy"] for each in seen)
        self._looks += len(seen)
        self._idle += sum(each["busy"] < NEARLY_NOTHING for each in seen)
        full = [
            each["memory_mb"] / each["memory_total_mb"] for each in seen if each["memory_total_mb"]
        ]
        self._memory = max([*full, *([] if self._memory is None else [self._memory])], default=None)
        idle = len(seen) == self._gpus and all(each["busy"] < IDLE for each in seen)
        self._idle_since = (self._idle_since or time.time()) if idle else None


def _of_the_ended() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime
