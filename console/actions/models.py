"""What the inventory does: begin the governance of a model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Govern:
    """A filled form that begins governance; ids, not names."""

    name: str
    owner_id: str
    business_owner_id: str
    team_id: str
    purpose: str
    intended_use: str
    tier: str
    tier_reason: str
    legal_class: str
