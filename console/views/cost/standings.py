"""What the versions of a model cost, with the runs and tickets that made them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import count
from console.views.cost.quantity import few
from console.views.tickets import amount
from services.facts.cost import standing
from services.facts.cost.standing import CostStanding
from services.workflows.costing.ownership import made

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What one version costs, in words.

    Attributes
    ----------
    version
        None for what belongs to no version.
    monthly
        A month at the traffic of the last 30 days.
    """

    version: int | None
    training: str
    serving: str
    requests: str
    per_thousand: str
    monthly: str
    energy: str
    emitted: str
    unpriced: int
    estimated: bool


def standings(
    services: "Services", session: Session, model: str, now: datetime, currency: str = ""
) -> Mapping[int | None, CostStanding]:
    """Return what each version of a model costs; what a run or a ticket made counts to its version."""
    found = made(services.registry, services.tickets, session, model)
    return standing.standings(session, model, now, found, currency)


def row(version: int | None, found: CostStanding) -> VersionRow:
    """Return what one version costs, in words; what nobody measured is never nothing."""
    return VersionRow(
        version,
        amount(found.training) if found.training else "–",
        amount(found.serving) if found.serving else "–",
        count(found.requests) if found.requests else "–",
        amount(found.per_thousand) if found.per_thousand else "unknown" if found.requests else "–",
        amount(found.monthly) if found.monthly else "unknown" if found.serving else "–",
        f"{few(found.kwh)} kWh" if found.kwh is not None else "unknown",
        f"{few(found.kg)} kg" if found.kg is not None else "unknown",
        found.unpriced,
        found.estimated,
    )
