"""Saying what a business watches about a model."""

import math
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.kernel import formula
from services.kernel.error import InvalidInput, NotFound
from services.kernel.identity import Actor
from services.kernel.text import one_line
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.target import repository
from services.standards.target.types import DIRECTIONS, Kpi


class Targets:
    """The business figures of models, and what they should be."""

    def __init__(self, store: Store, authority: Authority) -> None:
        self._store, self._authority = store, authority

    def of_model(self, session: Session, model: str, at: datetime | None = None) -> list[Kpi]:
        """Return the figures of a model by name, now or at an instant."""
        return repository.of_model(session, model, at)

    def require(self, session: Session, model: str, name: str) -> Kpi:
        """Return one figure.

        Raises
        ------
        NotFound
            When the model has none of that name.
        """
        found = [each for each in self.of_model(session, model) if each.name == name]
        if not found:
            raise NotFound(f"{model} has no business figure {name!r}; define it first.")
        return found[0]

    def set(self, principal: Principal, kpi: Kpi, team: str) -> Kpi:
        """Define a figure, or define it anew; event ``kpi:set``.

        Raises
        ------
        InvalidInput
            When a part of it cannot be used.
        NotPermitted
            When this person does not govern the model.
        """
        self._authority.require(principal, Action.MODEL_GOVERN, model=kpi.model, team=team)
        return self.set_as(principal.actor, kpi)

    def set_as(self, actor: Actor, kpi: Kpi) -> Kpi:
        """Define a figure for an actor whose right was asked about already; event ``kpi:set``."""
        kpi = _checked(kpi)
        with self._store.unit(actor) as unit:
            known = {each.name: each for each in self.of_model(unit.session, kpi.model)}
            before = known.get(kpi.name)
            seq = unit.event(
                "kpi:set", ("model", kpi.model), kpi=kpi.name, before=before and _words(before),
                after=_words(kpi),
            )  # fmt: skip
            repository.write(unit, kpi, seq)
            return self.require(unit.session, kpi.model, kpi.name)

    def remove(self, principal: Principal, model: str, name: str, team: str) -> None:
        """Watch a figure no longer; event ``kpi:removed``. Its numbers stay."""
        self._authority.require(principal, Action.MODEL_GOVERN, model=model, team=team)
        with self._store.unit(principal.actor) as unit:
            known = self.require(unit.session, model, name)
            unit.event("kpi:removed", ("model", model), kpi=name, before=_words(known))
            repository.end(unit, model, name)


def _checked(kpi: Kpi) -> Kpi:
    if kpi.direction not in DIRECTIONS:
        raise InvalidInput("Say whether higher or lower is better.")
    if kpi.target is not None and not math.isfinite(kpi.target):
        raise InvalidInput("The target must be a finite number.")
    if kpi.formula is not None:
        formula.parse(kpi.formula)
    return replace(
        kpi,
        name=one_line(kpi.name, limit=120, what="The name of the figure"),
        unit=one_line(kpi.unit, limit=30, what="The unit"),
    )


def _words(kpi: Kpi) -> dict[str, Any]:
    """Return what the trail says of a figure; numbers as text, as the envelope has them."""
    return {
        "unit": kpi.unit,
        "direction": kpi.direction,
        "target": None if kpi.target is None else repr(kpi.target),
        "formula": kpi.formula,
    }
