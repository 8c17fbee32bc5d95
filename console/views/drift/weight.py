"""How far features moved in a window beside how much they move the answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.figures.quadrant import Quadrant, Weighed
from console.format import number, share
from console.views.drift.history import History, once
from console.views.drift.limits import Limit
from console.views.drift.pair import Asked, stored_number
from console.views.explanations import importances

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def load(
    services: "Services", session: Session, history: History, asked: Asked,
    limits: Mapping[str, Limit],
) -> Quadrant | str:  # fmt: skip
    """Return each watched feature with both numbers, or why there are none."""
    scope = history.scope
    if not scope.statistic.comparable:
        return (
            "Distances in the units of features do not stand on one axis; choose another statistic."
        )
    evidence = services.evidence.latest(session, scope.monitor.ref, "explanation")
    if evidence is None:
        return "Nobody explained this version yet; measure it, and the importances stand here."
    key = ("weight", asked.window, evidence.evidence_id, tuple(sorted(limits.items())))
    return once(history, key, lambda: _made(history, asked, limits, importances(evidence)))


def _made(
    history: History, asked: Asked, limits: Mapping[str, Limit], held: Mapping[str, float]
) -> Quadrant | str:
    scope = history.scope
    total = sum(held.values())
    if not total:
        return "The explanation on file gives no feature any weight."
    found = [_weighed(history, name, value / total, asked, limits) for name, value in held.items()]
    known = tuple(each for each in found if each is not None)
    if not known:
        return "No feature that was explained was measured in this window."
    limit = next((limits[m] for m in scope.statistic.metrics if m in limits), None)
    bound = limit.bound if limit else None
    return Quadrant(known, scope.statistic.words, bound, limit.words if limit else "")


def _weighed(
    history: History, name: str, importance: float, asked: Asked, limits: Mapping[str, Limit]
) -> Weighed | None:
    found = stored_number(history, Asked(name, asked.window, None))
    if found is None or found.value is None:
        return None
    beyond = found.metric in limits and limits[found.metric].crossed(found)
    words = f"{name}: {history.scope.statistic.words} {number(found.value)}, {share(importance)} of all importance"
    return Weighed(name, importance, found.value, words, beyond)
