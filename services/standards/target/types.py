"""The noun of a business figure: its name, where it comes from, and what it should be."""

from dataclasses import dataclass
from datetime import datetime

DIRECTIONS = ("higher", "lower")


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure that a business watches about a model.

    Attributes
    ----------
    unit
        As people write it; ``1`` for a share.
    direction
        ``higher`` or ``lower`` is better.
    target
        What it should reach, in its unit; None while none is set.
    formula
        Over the prediction log (:mod:`services.kernel.formula`); None where it is sent by API.
    """

    model: str
    name: str
    unit: str
    direction: str
    target: float | None = None
    formula: str | None = None
    since: datetime | None = None

    @property
    def is_pushed(self) -> bool:
        """Tell whether it is sent by API."""
        return self.formula is None

    def meets(self, value: float) -> bool | None:
        """Tell whether a value meets the target; None without one."""
        if self.target is None:
            return None
        return value >= self.target if self.direction == "higher" else value <= self.target
