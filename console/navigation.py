"""Which pages there are, who may see them, and where they stand; no Streamlit.

A page that is not permitted is absent from the bar and refused by its address.
"""

from collections.abc import Callable
from dataclasses import dataclass

from services.people.account.types import Principal
from services.standards.authority.types import Action

Permits = Callable[[Principal, Action], bool]


@dataclass(frozen=True, slots=True)
class Entry:
    """One page.

    Attributes
    ----------
    name
        The module under ``pages`` and the address.
    needs
        What one must be allowed to do, for at least one model or team.
    shown
        Whether it stands in the bar; the others are reached by links.
    """

    name: str
    title: str
    needs: Action
    shown: bool = True

    @property
    def path(self) -> str:
        """Return its address; ``/health`` and ``/metrics`` themselves answer machines."""
        return {"health": "system", "metrics": "catalogue"}.get(self.name, self.name)


ENTRIES = (
    Entry("home", "Home", Action.MODEL_READ),
    Entry("models", "Models", Action.MODEL_READ),
    Entry("model", "Model", Action.MODEL_READ, shown=False),
    Entry("reviews", "Reviews", Action.MODEL_READ),
    Entry("review", "Review", Action.MODEL_READ, shown=False),
    Entry("monitoring", "Monitoring", Action.MODEL_READ),
    Entry("alerts", "Alerts", Action.MODEL_READ),
    Entry("incidents", "Incidents", Action.MODEL_READ),
    Entry("tickets", "Retraining", Action.MODEL_READ),
    Entry("cost", "Cost", Action.MODEL_READ),
    Entry("trail", "Audit trail", Action.TRAIL_READ),
    Entry("health", "System health", Action.HEALTH_READ),
    Entry("channels", "Channels", Action.CHANNEL_MANAGE),
    Entry("engines", "Engines", Action.ENGINE_MANAGE),
    Entry("people", "People", Action.PEOPLE_MANAGE),
    Entry("metrics", "Metrics", Action.MODEL_READ),
    Entry("glossary", "Glossary", Action.MODEL_READ),
)


def permitted(principal: Principal, permits: Permits) -> dict[str, bool]:
    """Return for each page whether this person may open it."""
    return {entry.name: permits(principal, entry.needs) for entry in ENTRIES}


def bar(allowed: dict[str, bool]) -> tuple[str, ...]:
    """Return the pages that stand in the bar, in order."""
    return tuple(entry.name for entry in ENTRIES if entry.shown and allowed[entry.name])
