"""Serving: what answering costs, by model."""

from console.components.cost.tab import Tab
from console.components.layout import empty


def draw(tab: Tab) -> None:  # noqa: ARG001 - every tab is drawn alike
    """Draw the tab."""
    with empty(
        "No serving cost yet",
        "Serving costs are worked out from the prediction log and the hardware that is declared.",
    ):
        pass
