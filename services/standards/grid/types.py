"""The nouns of what grids emit."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.kernel.emission import GridRate

WORLD = "WORLD"


@dataclass(frozen=True, slots=True)
class GridForm:
    """A factor as it is to be published.

    Attributes
    ----------
    region
        ``WORLD``, a country as ``DE``, or a region of a provider as ``aws:eu-west-1``.
    kg_per_kwh
        kg CO2e for a kilowatt-hour used, 0 to 5.
    starts_at
        From when it holds, aware; until the next one of the region.
    source
        Where it was read and of which year it is.
    sample
        Whether it is only there to try the console out.
    """

    region: str
    kg_per_kwh: Decimal
    starts_at: datetime
    source: str
    sample: bool = False


@dataclass(frozen=True, slots=True)
class GridFactor:
    """A factor that was published; it never changes."""

    grid_id: str
    region: str
    kg_per_kwh: Decimal
    starts_at: datetime
    source: str
    sample: bool
    published_by: str
    published_at: datetime

    @property
    def rate(self) -> GridRate:
        """Return it as those need it who multiply."""
        return GridRate(self.grid_id, self.region, self.kg_per_kwh, self.sample)
