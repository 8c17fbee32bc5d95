"""Quantities as people read them."""

from decimal import Decimal


def per(unit: str) -> str:
    """Return of what something is the price: ``a gpu-hour``, ``for 1,000 requests``."""
    return "for 1,000 requests" if unit == "1000-requests" else f"a {unit}"


def few(quantity: Decimal) -> str:
    """Return a quantity with three decimals; what is less than they can show is said to be less."""
    if 0 < abs(quantity) < Decimal("0.001"):
        return "under 0.001"
    return f"{quantity:,.3f}".replace("-", "−")
