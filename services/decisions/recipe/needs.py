"""What one attempt of a recipe may use."""

from collections.abc import Mapping

from services.decisions.recipe.types import Needs
from services.standards.policy.reading import Part

SPOT = ("spot", "on_demand_after")


def needs(part: Part) -> Needs:
    """Return what an attempt may use, read from a recipe file."""
    held = part.members(("gpus", "gpu_type", "cpus", "memory_gb", "seconds", *SPOT))
    plain = Needs()
    found = Needs(
        cpus=held["cpus"].positive() if "cpus" in held else plain.cpus,
        memory_gb=held["memory_gb"].positive() if "memory_gb" in held else plain.memory_gb,
        gpus=held["gpus"].whole() if "gpus" in held else plain.gpus,
        gpu_type=held["gpu_type"].text() if "gpu_type" in held else plain.gpu_type,
        seconds=held["seconds"].whole(1) if "seconds" in held else plain.seconds,
        spot=held["spot"].truth() if "spot" in held else plain.spot,
        on_demand_after=_on_demand(held, plain.on_demand_after),
    )
    for name in ("cpus", "memory_gb"):
        if not getattr(found, name):
            held[name].fail("more than 0 is needed here")
    return found


def _on_demand(held: Mapping[str, Part], plain: int) -> int:
    if "on_demand_after" not in held:
        return plain
    if "spot" not in held or not held["spot"].truth():
        held["on_demand_after"].fail("only what runs on spot is interrupted; add 'spot: true'")
    return held["on_demand_after"].whole(1)
