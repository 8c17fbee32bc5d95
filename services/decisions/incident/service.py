"""Incidents: opened, handled, written down, reported, closed with what was learned."""

from services.decisions.incident.handling import Handling


class Incidents(Handling):
    """Everything that went wrong, and what was done about it."""
