"""One ticket under way, as whoever drives it holds it."""

from dataclasses import dataclass

from services.decisions.recipe.types import Recipe
from services.decisions.retraining.types import Ticket
from services.workflows.retraining.keeping import Held


@dataclass(frozen=True)
class Job:
    """One ticket under way.

    Attributes
    ----------
    task_id
        What drives it in the worker.
    held
        The right to move it on.
    """

    task_id: str
    ticket: Ticket
    recipe: Recipe
    held: Held

    @property
    def id(self) -> str:
        """Return the id of the ticket."""
        return self.ticket.ticket_id
