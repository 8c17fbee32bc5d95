"""The nouns of what is sent about a model from outside its log."""

from dataclasses import dataclass
from datetime import datetime

KPI = "kpi.value"
SERVER = ("service.cpu_share", "service.memory_share")


@dataclass(frozen=True, slots=True)
class PushedValue:
    """A number that somebody sent about a model and an instant.

    Attributes
    ----------
    metric
        ``kpi.value``, ``service.cpu_share`` or ``service.memory_share``; the latter in [0, 1].
    feature
        The name of the business figure; empty for a server's.
    """

    model: str
    metric: str
    feature: str
    at: datetime
    value: float
