"""What the form that begins governance offers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.views.names import Names
from services.kernel.identity import Tier
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services

LEGAL_CLASSES = (
    ("minimal", "Minimal risk"),
    ("limited", "Limited risk"),
    ("high", "High risk (AI Act, Annex III)"),
    ("medical-device", "Medical device"),
    ("none", "No legal class"),
)


@dataclass(frozen=True, slots=True)
class GovernOptions:
    """What the form that begins governance offers: ids with what is said of them."""

    allowed: bool
    why: str
    people: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...]
    tiers: tuple[tuple[str, str], ...]
    legal_classes: tuple[tuple[str, str], ...]


def options(services: "Services", principal: Principal, names: Names) -> GovernOptions:
    """Return what the form that begins governance offers to this person."""
    allowed = services.authority.permits(principal, Action.MODEL_GOVERN)
    people = sorted(
        ((p.person_id, p.name) for p in names.people.values() if p.active), key=lambda p: p[1]
    )
    tiers = tuple((tier.value, tier.value.capitalize()) for tier in Tier)
    why = "" if allowed else "An owner or an administrator begins the governance of a model."
    return GovernOptions(
        allowed, why, tuple(people), tuple(names.teams.items()), tiers, LEGAL_CLASSES
    )
