"""What NVIDIA GPUs say of themselves; the only file that speaks to their driver.

Imported by the supervisor too, where GPUs were allocated: the standard library and this one library only.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pynvml

_MB = 1024 * 1024
FOLDER = str(Path(pynvml.__file__).parent)
"""Where the library is, for a supervisor that knows no site packages."""


def names() -> dict[int, str]:
    """Return the GPUs of this machine by index; none where there is no driver."""
    try:
        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
        found = {each: _name(pynvml.nvmlDeviceGetHandleByIndex(each)) for each in range(count)}
        pynvml.nvmlShutdown()
    except pynvml.NVMLError:
        return {}
    return found


def eyes(indices: list[int]) -> Callable[[], list[dict[str, Any]]]:
    """Return what looks at some GPUs; a GPU that does not answer is left out."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return list
    return lambda: [seen for each in indices if (seen := _seen(each)) is not None]


def _seen(index: int) -> dict[str, Any] | None:
    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        return {
            "index": index,
            "name": _name(handle),
            "busy": _number(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu) / 100,
            "memory_mb": _number(memory.used) / _MB,
            "memory_total_mb": _number(memory.total) / _MB,
            "power_watts": _power(handle),
        }
    except pynvml.NVMLError:
        return None


def _power(handle: Any) -> float | None:
    try:
        return pynvml.nvmlDeviceGetPowerUsage(handle) / 1000
    except pynvml.NVMLError:
        return None


def _number(told: Any) -> float:
    return float(told)


def _name(handle: Any) -> str:
    name = pynvml.nvmlDeviceGetName(handle)
    return name.decode() if isinstance(name, bytes) else str(name)
