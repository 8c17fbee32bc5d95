"""Runs: how runs used what they held."""

from console.components.cost.tab import Tab
from console.components.layout import empty


def draw(tab: Tab) -> None:  # noqa: ARG001 - every tab is drawn alike
    """Draw the tab."""
    with empty(
        "No run looked at yet",
        "Runs of MLflow appear here with their system metrics: log them with mlflow.enable_system_metrics_logging().",
    ):
        pass
