"""Bills: what providers billed, held against the ledger."""

from console.components.cost.tab import Tab
from console.components.layout import empty


def draw(tab: Tab) -> None:  # noqa: ARG001 - every tab is drawn alike
    """Draw the tab."""
    with empty("No bill imported yet", "Import one with: countersign cost import focus FILE"):
        pass
