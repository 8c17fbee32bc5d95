"""What a kilowatt-hour emits."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class GridRate:
    """What the grid of a region emits for a kilowatt-hour, and which factor says so.

    Attributes
    ----------
    region
        As asked, or ``WORLD`` where nobody knows the region or none is published for it.
    kg_per_kwh
        kg CO2e, 0 or more.
    sample
        Whether the factor is only there to try the console out.
    """

    grid_id: str
    region: str
    kg_per_kwh: Decimal
    sample: bool = False

    def of(self, kwh: Decimal) -> Decimal:
        """Return what an amount of energy emits, in kg CO2e."""
        return self.kg_per_kwh * kwh
