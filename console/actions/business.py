"""Saying which figures a business watches about a model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.views.decisions import team_of
from services.people.account.types import Principal
from services.standards.target.types import Kpi

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class FigureTyped:
    """A filled form; ``formula`` is empty for a figure that is sent."""

    name: str
    unit: str
    direction: str
    target: float | None
    formula: str


@dataclass(frozen=True, slots=True)
class FigureDropped:
    """A figure that is to be watched no longer."""

    name: str


def keep(
    services: "Services", principal: Principal, model: str, asked: FigureTyped | FigureDropped
) -> str:
    """Define a figure, define it anew, or watch it no longer.

    Raises
    ------
    InvalidInput
        When a part of it cannot be used; of a formula, with the place.
    NotPermitted
        When this person does not govern the model.
    """
    with services.store.reading() as session:
        team = team_of(services, session, model) or ""
    if isinstance(asked, FigureDropped):
        services.targets.remove(principal, model, asked.name, team)
        return f"{asked.name} is watched no longer; its numbers stay."
    kpi = Kpi(
        model, asked.name, asked.unit, asked.direction, asked.target, asked.formula.strip() or None
    )
    services.targets.set(principal, kpi, team)
    comes = (
        "is sent from now on" if kpi.is_pushed else "is worked out when its windows are measured"
    )
    return f"{asked.name} {comes}."
