"""Budgets: what may be spent, and how much of it is left."""

from console.components.cost.tab import Tab
from console.components.layout import empty


def draw(tab: Tab) -> None:  # noqa: ARG001 - every tab is drawn alike
    """Draw the tab."""
    with empty(
        "No budget yet",
        "A budget holds spending against a limit and tells people before it is reached.",
    ):
        pass
