"""Overview: what models cost, by model, team and kind."""

from console.components.cost.tab import Tab
from console.components.layout import empty


def draw(tab: Tab) -> None:  # noqa: ARG001 - every tab is drawn alike
    """Draw the tab."""
    with empty(
        "No cost yet",
        "Lines appear here when a training ends, a model serves, or a bill is imported.",
    ):
        pass
