"""Prices: what things cost, since when, and who says so."""

from console.components.cost.tab import Tab
from console.components.layout import empty


def draw(tab: Tab) -> None:  # noqa: ARG001 - every tab is drawn alike
    """Draw the tab."""
    with empty(
        "No price yet",
        "Prices have dates and a source; what has no price is counted and never nothing.",
    ):
        pass
