"""What things cost and what energy emits, as both are known when a look begins."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlmodel import Session

from services.facts.cost.hardware import Place
from services.kernel.emission import GridRate
from services.kernel.money import Rate
from services.standards.grid import rules as grids
from services.standards.grid.service import Grids
from services.standards.price import rules as prices
from services.standards.price.service import Prices
from services.standards.price.types import Market, Term


class Tariffs:
    """Prices and factors, read once."""

    def __init__(self, session: Session, catalogue: Prices, factors: Grids) -> None:
        self._prices = catalogue.all(session)
        self._factors = factors.all(session)

    def at(self, at: datetime) -> Callable[[str, Place], Rate | None]:
        """Return what tells the price of something at an instant; None is *unpriced*."""
        return partial(self._rate, at)

    @property
    def newest(self) -> datetime | None:
        """Return when a price was published last; None without any."""
        return max((each.published_at for each in self._prices), default=None)

    def grid(self, region: str, at: datetime) -> GridRate | None:
        """Return what a kilowatt-hour emits; None where nobody knows."""
        found = grids.choose(self._factors, region, at)
        return found.rate if found else None

    def _rate(self, at: datetime, sku: str, place: Place) -> Rate | None:
        market = Market(place.provider, place.region, Term(place.term))
        found = prices.choose(self._prices, sku, at, market)
        return found.rate if found else None
