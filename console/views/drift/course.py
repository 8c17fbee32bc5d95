"""Numbers of a history as lines over its windows."""

from collections.abc import Mapping
from datetime import datetime

from console.figures.course import Course, Line, WindowPoint
from console.views.drift.history import History, words
from console.views.drift.limits import Limit
from console.views.drift.scope import TICKS, Scope
from services.facts.window.types import WindowMetric

Frozen = tuple[tuple[str, Limit], ...]


def course(
    history: History, lines: list[tuple[str, Mapping[datetime, WindowMetric]]],
    limits: Mapping[str, Limit],
) -> Course:  # fmt: skip
    """Return numbers over the windows of a stretch, with the limit and what chance alone gives."""
    scope = history.scope
    used = {each.metric for _, its in lines for each in its.values()}
    limit = next((limits[name] for name in sorted(used) if name in limits), None)
    made = tuple(Line(name, points(scope, name, its, limits)) for name, its in lines)
    floors = tuple(
        max((f for _, its in lines if at in its and (f := its[at].floor) is not None), default=None)
        for at in scope.starts
    )
    return Course(
        made, limit.bound if limit else None, limit.words if limit else "", floors,
        ticks=TICKS.get(scope.granularity, "%-d %b"), open_at=scope.open,
    )  # fmt: skip


def points(
    scope: Scope, name: str, its: Mapping[datetime, WindowMetric], limits: Mapping[str, Limit]
) -> tuple[WindowPoint, ...]:
    """Return one point a window, also where nothing was measured."""
    return tuple(
        WindowPoint(
            at, its[at].value if at in its else None,
            words(its.get(at), name, at, scope.granularity) + (", so far" if at == scope.open else ""),
            _beyond(its.get(at), limits),
        )
        for at in scope.starts
    )  # fmt: skip


def _beyond(found: WindowMetric | None, limits: Mapping[str, Limit]) -> bool:
    return found is not None and found.metric in limits and limits[found.metric].crossed(found)
