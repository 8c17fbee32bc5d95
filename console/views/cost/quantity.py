"""Quantities as people read them."""

from datetime import date
from decimal import Decimal
from types import MappingProxyType

from console.format import share

LEAST = 0.005
"""A smaller part would be shown as nothing."""


def small(part: float) -> str:
    """Return a share as per cent; what is more than nothing is never shown as nothing."""
    return "under 1 %" if 0 < part < LEAST else share(part)


UNIT_WORDS = MappingProxyType(
    {
        "cpu-hour": "CPU-hour", "gb-hour": "GB-hour", "gpu-hour": "GPU-hour",
        "gb-month": "GB-month", "1000-requests": "1,000 requests", "kwh": "kWh",
    }
)  # fmt: skip
"""Units as people write them; one that is not here is written as it is kept."""


def spelled(unit: str) -> str:
    """Return a unit as people write it."""
    return UNIT_WORDS.get(unit, unit)


def per(unit: str) -> str:
    """Return of what something is the price: ``a GPU-hour``, ``for 1,000 requests``."""
    return f"{'for' if unit == '1000-requests' else 'an' if unit[0] in 'aeio' else 'a'} {spelled(unit)}"


def on(day: date) -> str:
    """Return a day as people write it: ``14 Mar 2026``."""
    return f"{day.day} {day:%b %Y}"


def few(quantity: Decimal) -> str:
    """Return a quantity with three decimals; what is less than they can show is said to be less."""
    if 0 < abs(quantity) < Decimal("0.001"):
        return "under 0.001"
    return f"{quantity:,.3f}".replace("-", "−")
