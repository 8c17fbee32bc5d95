"""The tabs of the page Cost, in order: each loads its view, draws it, passes its form on."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from console.components.cost import (
    bills,
    budgets,
    overview,
    prices,
    runs,
    savings,
    serving,
    storage,
)
from console.components.cost.tab import Tab

DRAW: Mapping[str, Callable[[Tab], None]] = MappingProxyType(
    {
        "Overview": overview.draw,
        "Runs": runs.draw,
        "Savings": savings.draw,
        "Budgets": budgets.draw,
        "Storage": storage.draw,
        "Serving": serving.draw,
        "Prices": prices.draw,
        "Bills": bills.draw,
    }
)
