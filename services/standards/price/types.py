"""The nouns of a price."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from services.kernel.money import Money, Rate

UNITS = ("cpu-hour", "gb-hour", "gpu-hour", "instance-hour", "gb-month", "1000-requests", "kwh")


class Term(StrEnum):
    """On what terms something is sold."""

    ON_DEMAND = "on_demand"
    SPOT = "spot"
    RESERVED = "reserved"


@dataclass(frozen=True, slots=True)
class Market:
    """Where and on what terms something is bought.

    Attributes
    ----------
    provider, region
        Empty for any: a price without them is for all that have none of their own.
    """

    provider: str = ""
    region: str = ""
    term: Term = Term.ON_DEMAND

    @property
    def words(self) -> str:
        """Return it as people say it: ``on demand at aws in eu-west-1``."""
        place = f" at {self.provider}" if self.provider else ""
        place += f" in {self.region}" if self.region else ""
        return self.term.value.replace("_", " ") + place


@dataclass(frozen=True, slots=True)
class PriceForm:
    """A price as it is to be published.

    Attributes
    ----------
    sku
        What is sold, in small letters: ``cpu``, ``memory``, ``gpu:h100``, or an instance type.
    unit
        One of :data:`UNITS`; ``amount`` is the price of one.
    starts_at, ends_at
        Half open, aware; None while no end is known.
    source
        Where the price was read, in words, or an address.
    sample
        Whether it is only there to try the console out.
    """

    sku: str
    unit: str
    market: Market
    amount: Money
    starts_at: datetime
    ends_at: datetime | None
    source: str
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Price:
    """A price that was published; its amount never changes, only when it ends."""

    price_id: str
    sku: str
    unit: str
    market: Market
    amount: Money
    starts_at: datetime
    ends_at: datetime | None
    source: str
    sample: bool
    published_by: str
    published_at: datetime

    def holds(self, at: datetime) -> bool:
        """Tell whether it is the price at an instant."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    @property
    def rate(self) -> Rate:
        """Return it as those need it who multiply."""
        return Rate(self.price_id, self.sku, self.unit, self.amount, self.sample)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one unit of a currency is worth in another, from an instant on.

    Attributes
    ----------
    each
        Units of ``quote`` for one of ``base``; above 0.
    """

    base: str
    quote: str
    each: Decimal
    starts_at: datetime
    source: str
