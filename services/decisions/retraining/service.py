"""Tickets: opened, quoted, allowed, carried out, and what came of them."""

from services.decisions.retraining.driving import Driving


class Tickets(Driving):
    """Every request for a new model."""
