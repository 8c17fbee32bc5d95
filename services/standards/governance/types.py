"""The nouns of governance."""

from dataclasses import dataclass
from datetime import datetime

from services.kernel.identity import Tier


@dataclass(frozen=True, slots=True)
class GovernanceForm:
    """What is asked before a model may be governed.

    Attributes
    ----------
    owner_id, business_owner_id
        People.
    legal_class
        What a law calls the model; a field of its own beside the tier.
    jurisdictions
        Where it is used, as ISO codes; empty for anywhere.
    """

    name: str
    owner_id: str
    business_owner_id: str
    team_id: str
    purpose: str
    intended_use: str
    tier: Tier
    tier_reason: str
    legal_class: str
    jurisdictions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GovernedModel:
    """A model that somebody answers for."""

    name: str
    owner_id: str
    business_owner_id: str
    team_id: str
    purpose: str
    intended_use: str
    tier: Tier
    tier_reason: str
    legal_class: str
    jurisdictions: tuple[str, ...]
    since: datetime
