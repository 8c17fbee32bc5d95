"""The head of the page Cost: what this month comes to so far."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.format import instant

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class CostHead:
    """What stands above the tabs."""

    sentence: str


def load(services: "Services") -> CostHead:
    """Return the head."""
    return CostHead(
        f"What every model costs, and where each number comes from · as of {instant(services.clock.now())}"
    )
