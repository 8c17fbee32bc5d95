"""What grids emit: the factors that hold, each with its date and source."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import day
from services.standards.grid.types import WORLD, GridFactor

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One factor, in words."""

    region: str
    amount: str
    since: str
    source: str
    sample: bool

    @property
    def words(self) -> str:
        """Return it in one sentence, for where it was used."""
        return f"{self.region} {self.amount} from {self.since}: {self.source}"


def holding(services: "Services", session: Session, now: datetime) -> tuple[FactorRow, ...]:
    """Return the factors that hold now, one for each region; that of the world first."""
    held: dict[str, GridFactor] = {}
    for each in sorted(services.grids.all(session), key=lambda factor: factor.starts_at):
        if each.starts_at <= now:
            held[each.region] = each
    ordered = sorted(held.values(), key=lambda each: (each.region != WORLD, each.region))
    return tuple(_row(each) for each in ordered)


def used(
    services: "Services", session: Session, grid_ids: Collection[str]
) -> tuple[FactorRow, ...]:
    """Return the factors of some lines."""
    found = services.grids.all(session) if grid_ids else []
    return tuple(_row(each) for each in found if each.grid_id in grid_ids)


def _row(factor: GridFactor) -> FactorRow:
    region = "the world" if factor.region == WORLD else factor.region
    return FactorRow(
        region, f"{factor.kg_per_kwh} kg a kWh", day(factor.starts_at), factor.source, factor.sample
    )
