"""Quantities as people read them."""

from decimal import Decimal

from console.format import share

LEAST = 0.005
"""A smaller part would be shown as nothing."""


def small(part: float) -> str:
    """Return a share as per cent; what is more than nothing is never shown as nothing."""
    return "under 1 %" if 0 < part < LEAST else share(part)


def per(unit: str) -> str:
    """Return of what something is the price: ``a gpu-hour``, ``for 1,000 requests``."""
    return "for 1,000 requests" if unit == "1000-requests" else f"a {unit}"


def few(quantity: Decimal) -> str:
    """Return a quantity with three decimals; what is less than they can show is said to be less."""
    if 0 < abs(quantity) < Decimal("0.001"):
        return "under 0.001"
    return f"{quantity:,.3f}".replace("-", "−")
