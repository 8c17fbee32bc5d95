"""How often a holdout has decided; apart, so that the console knows it without loading an instrument."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Look:
    """How often a holdout has decided about a model, this time included.

    Attributes
    ----------
    number
        From 1 on; the same ticket looks once.
    limit
        How many looks the policy allows.
    """

    holdout_sha256: str
    model: str
    ticket_id: str
    number: int
    limit: int
    at: datetime

    @property
    def is_spent(self) -> bool:
        """Tell whether the holdout has decided too often to decide again."""
        return self.number > self.limit
