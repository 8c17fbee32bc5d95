"""Savings: what could cost less, and what was saved."""

from console.components.cost.tab import Tab
from console.components.layout import empty


def draw(tab: Tab) -> None:  # noqa: ARG001 - every tab is drawn alike
    """Draw the tab."""
    with empty(
        "Nothing to save yet",
        "Recommendations appear here once runs and serving hours were measured.",
    ):
        pass
