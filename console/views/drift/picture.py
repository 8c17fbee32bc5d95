"""The timeline of what moved most, and the map of features by windows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from console.figures.course import Course
from console.figures.heat import Cell, Heat
from console.format import plural, window
from console.views.drift.course import Frozen, course, points
from console.views.drift.history import History
from console.views.drift.limits import Limit
from console.views.drift.scope import MODEL_OWN, Scope
from services.facts.window.types import WindowMetric

_LARGEST = 3
_MOST_ROWS = 20


@dataclass(frozen=True, eq=False)
class Picture:
    """What stands on top of a drift page.

    Attributes
    ----------
    features
        All of them, the one that moved most first.
    breaches, gaps
        How many cells are beyond the limit, and how many were not measured; a window that is still
        open may yet be.
    table
        By feature, each window's number; None where there is none.
    """

    features: tuple[str, ...]
    course: Course
    heat: Heat
    breaches: int
    gaps: int
    measured: int
    table: Mapping[str, tuple[float | None, ...]]
    columns: tuple[str, ...]
    note: str
    timeline_note: str


@lru_cache(maxsize=32)
def picture(history: History, limits: Frozen, chosen: str) -> Picture:
    """Return the picture of a history; ``chosen`` is the feature that is looked at."""
    scope = history.scope
    known = {name: _numbers(history, name) for name in _features(history)}
    order = tuple(sorted(known, key=lambda name: (-_peak(known[name]), name)))
    held = {name: limit for name, limit in limits if name in scope.statistic.metrics}
    rows = order[:_MOST_ROWS]
    largest = order[:_LARGEST] if scope.statistic.comparable else _one(order, chosen)
    cells = {name: _cells(history, name, known[name], held) for name in order}
    flat = [cell for row in cells.values() for cell in row]
    return Picture(
        order,
        course(history, [(name, known[name]) for name in largest], held),
        _heat(scope, {name: cells[name] for name in rows}, flat, held),
        sum(cell.beyond for cell in flat), _gaps(scope, cells.values()), len(flat),
        {name: tuple(cell.value for cell in cells[name]) for name in order},
        tuple(window(at, scope.granularity) for at in scope.starts),
        _note(scope, held, len(order) - len(rows)), _timeline_note(held, scope),
    )  # fmt: skip


def _heat(
    scope: Scope, rows: Mapping[str, tuple[Cell, ...]], flat: list[Cell],
    limits: Mapping[str, Limit],
) -> Heat:  # fmt: skip
    """Return the map; where distances do not compare, each row has shades of its own."""
    top = _top(flat, limits)
    alike = scope.statistic.comparable
    return Heat(
        tuple(rows), tuple(_short(at, scope) for at in scope.starts),
        tuple(at.isoformat() for at in scope.starts),
        tuple(_shaded(row, top if alike else _top(row, {})) for row in rows.values()),
        _scale(top, limits) if alike else (),
    )  # fmt: skip


def _features(history: History) -> list[str]:
    metrics = history.scope.statistic.metrics
    found = {name for metric, name in history.numbers if metric in metrics}
    return sorted(found - {"", *MODEL_OWN})


def _numbers(history: History, feature: str) -> Mapping[datetime, WindowMetric]:
    merged: dict[datetime, WindowMetric] = {}
    for metric in history.scope.statistic.metrics:
        merged |= history.of(metric, feature)
    return merged


def _one(order: tuple[str, ...], chosen: str) -> tuple[str, ...]:
    return (chosen,) if chosen in order else order[:1]


def _peak(its: Mapping[datetime, WindowMetric]) -> float:
    return max((each.value for each in its.values() if each.value is not None), default=-1.0)


def _cells(
    history: History, name: str, its: Mapping[datetime, WindowMetric], limits: Mapping[str, Limit]
) -> tuple[Cell, ...]:
    scope = history.scope
    return tuple(
        Cell(each.value, each.value or 0.0, each.words, each.outside)
        for each in points(scope, name, its, limits)
    )


def _gaps(scope: Scope, rows: Iterable[tuple[Cell, ...]]) -> int:
    over = [at != scope.open for at in scope.starts]
    return sum(
        counts and cell.value is None
        for row in rows
        for counts, cell in zip(over, row, strict=True)
    )


def _top(cells: Sequence[Cell], limits: Mapping[str, Limit]) -> float:
    """Return the distance of the darkest shade; half as much again as the limit, or the largest."""
    largest = max((cell.value for cell in cells if cell.value is not None), default=0.0)
    bounds = [1.5 * each.bound for each in limits.values() if each.bound]
    return max(bounds, default=largest) or 1.0


def _shaded(cells: tuple[Cell, ...], top: float) -> tuple[Cell, ...]:
    return tuple(
        Cell(cell.value, min(1.0, cell.shade / top), cell.words, cell.beyond) for cell in cells
    )


def _scale(top: float, limits: Mapping[str, Limit]) -> tuple[tuple[float, str], ...]:
    ticks = [(0.0, "0"), (1.0, f"{top:.2g}" + (" or more" if limits else ""))]
    bound = next((each.bound for each in limits.values()), None)
    if bound is not None and 0 < bound < top:
        ticks.insert(1, (bound / top, f"{bound:.2g} limit"))
    else:
        ticks.insert(1, (0.5, f"{top / 2:.2g}"))
    return tuple(ticks)


def _short(at: datetime, scope: Scope) -> str:
    """Return the name of a window for an axis, where the year goes without saying."""
    label = window(at, scope.granularity)
    return label.rpartition(" ")[0] if scope.granularity == "day" else label


def _note(scope: Scope, limits: Mapping[str, Limit], hidden: int) -> str:
    parts = ["hatched: not measured"]
    if limits:
        parts.append("a diamond: beyond the limit")
    if not scope.statistic.comparable:
        parts.append("shades compare within a row only")
    if hidden:
        parts.append(f"{plural(hidden, 'calmer feature')} below in the numbers")
    return " · ".join(parts)


def _timeline_note(limits: Mapping[str, Limit], scope: Scope) -> str:
    found = next((limits[name] for name in scope.statistic.metrics if name in limits), None)
    parts = [f"{found.words} by {found.source}" if found else "no limit is set"]
    return "; ".join([*parts, "grey is what chance alone gives at this n"])
