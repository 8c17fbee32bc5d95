"""What happened to one model, newest first."""

from dataclasses import dataclass

from console.views.event import EventRow


@dataclass(frozen=True, slots=True)
class ActivityView:
    """The events of a model."""

    rows: tuple[EventRow, ...]
