"""What the inventory does: begin the governance of a model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.kernel.error import InvalidInput
from services.kernel.identity import Tier
from services.people.account.types import Principal
from services.standards.governance.types import GovernanceForm

if TYPE_CHECKING:
    from services.bootstrap.services import Services


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


def begin(services: "Services", principal: Principal, form: Govern) -> str:
    """Begin the governance of a model; return the word of thanks.

    Raises
    ------
    InvalidInput
        When no tier was chosen, or a field is empty.
    """
    if not form.tier:
        raise InvalidInput("Choose a tier: it decides which policy applies.")
    services.governance.begin(
        principal,
        GovernanceForm(
            name=form.name,
            owner_id=form.owner_id,
            business_owner_id=form.business_owner_id,
            team_id=form.team_id,
            purpose=form.purpose,
            intended_use=form.intended_use,
            tier=Tier(form.tier),
            tier_reason=form.tier_reason,
            legal_class=form.legal_class,
        ),
    )
    return f"{form.name} is governed now."
