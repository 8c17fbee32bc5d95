"""How much energy hours take where no device measured it, and what that emits.

Notes
-----
A processor draws ``idle + use x (full - idle)``, memory the same always, a GPU its board power times its
use. What is not known to be used is taken as half: the source does so too. It is the machine's own
energy; cooling and losses of a data centre are not in it.

References
----------
Cloud Carbon Footprint, methodology: averages of AWS for a virtual CPU (0.74 W idle, 3.5 W full) and for
memory (0.392 W for a GB). NVIDIA data sheets: total board power.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from services.facts.cost.rules import gpu_sku
from services.facts.cost.types import Allocation, Entry
from services.kernel.emission import GridRate

CPU_IDLE, CPU_FULL = Decimal("0.74"), Decimal("3.5")
MEMORY_GB = Decimal("0.392")
GPU_BOARD = {
    "gpu:t4": 70, "gpu:l4": 72, "gpu:a10": 150, "gpu:a10g": 150, "gpu:v100": 300, "gpu:l40s": 350,
    "gpu:a100": 400, "gpu:h100": 700, "gpu:h200": 700,
}  # fmt: skip
HALF = Decimal("0.5")
SOURCE = "estimated: 0.74 to 3.5 W a CPU, 0.392 W a GB (Cloud Carbon Footprint)"
SOURCE_GPU = "estimated: board power of the GPU, and as Cloud Carbon Footprint for the rest"
DECLARED = "estimated: declared power"
KILO = 1000


def watts(gpu_type: str) -> Decimal | None:
    """Return the board power of a type of GPU; None where it is not known."""
    sku = gpu_sku(gpu_type)
    for name, board in GPU_BOARD.items():
        if sku == name or sku.startswith(f"{name}-"):
            return Decimal(board)
    return None


def estimated(
    entries: Sequence[Entry], used: Decimal | None = None, gpu_used: Decimal | None = None
) -> tuple[Decimal, str] | None:
    """Return how much energy lines took in kWh, and how that is known; None where it cannot be told.

    Parameters
    ----------
    entries
        Lines of one thing; hours of CPUs, memory and GPUs.
    used, gpu_used
        Shares of the processors and of the GPUs that were in use, in [0, 1]; None: half.
    """
    held = {each.use.unit: each.use.quantity for each in entries}
    if "cpu-hour" not in held:
        return None
    share = HALF if used is None else used
    total = held["cpu-hour"] * (CPU_IDLE + share * (CPU_FULL - CPU_IDLE))
    total += held.get("gb-hour", Decimal(0)) * MEMORY_GB
    if "gpu-hour" not in held:
        return total / KILO, SOURCE
    board = watts(next(e.use.sku for e in entries if e.use.unit == "gpu-hour").removeprefix("gpu:"))
    if board is None:
        return None
    total += held["gpu-hour"] * board * (HALF if gpu_used is None else gpu_used)
    return total / KILO, SOURCE_GPU


def at_most(held: Allocation) -> tuple[Decimal, str] | None:
    """Return the watts an allocation draws while all of it works, and how that is known.

    Returns
    -------
    tuple or None
        None where the power of its GPUs is not known.
    """
    total = Decimal(str(held.cpus)) * CPU_FULL + Decimal(str(held.memory_gb)) * MEMORY_GB
    if not held.gpus:
        return total, SOURCE
    board = watts(held.gpu_type)
    return None if board is None else (total + held.gpus * board, SOURCE_GPU)


def noted(
    entries: Sequence[Entry], found: tuple[Decimal, str] | None, grid: GridRate | None
) -> tuple[Entry, ...]:
    """Return lines of one thing with their energy, and what it emits, on the first of them.

    Parameters
    ----------
    found
        kWh and how they are known; None leaves the lines as they are.
    grid
        None where no factor is known: then nothing is said of what was emitted.
    """
    if found is None or not entries:
        return tuple(entries)
    kwh, source = found
    first = replace(entries[0], kwh=kwh, kwh_source=source)
    if grid is not None:
        first = replace(first, kg=grid.of(kwh), grid_id=grid.grid_id)
    return (first, *entries[1:])
