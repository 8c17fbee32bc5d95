"""Storage: what is kept, what keeping it costs, and what nothing needs."""

from console.components.cost.tab import Tab
from console.components.layout import empty


def draw(tab: Tab) -> None:  # noqa: ARG001 - every tab is drawn alike
    """Draw the tab."""
    with empty("Nothing counted yet", "Artifacts appear here once their sizes were read."):
        pass
