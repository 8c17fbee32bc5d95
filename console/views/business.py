"""Business figures of a model: what they came to, what they should be, and where they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.figures.course import Course, Line, WindowPoint
from console.format import interval, number, plural, share, window
from console.views.decisions import team_of
from console.views.drift import history as told
from console.views.drift.scope import TICKS, Scope, scope
from console.views.model import ModelHead
from services.facts.evidence.types import MeasurementStatus
from services.facts.kpi.types import KPI
from services.facts.window.types import Monitor, WindowMetric
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.target.types import Kpi

if TYPE_CHECKING:
    from services.bootstrap.services import Services

SHARE = "1"
"""The unit of a share, which people read as per cent."""


@dataclass(frozen=True, eq=False)
class FigureRow:
    """One figure as its newest known window shows it.

    Attributes
    ----------
    kpi
        How it is defined.
    course
        All windows of the stretch; None before the first number.
    """

    kpi: Kpi
    status: str
    word: str
    value: str
    target: str
    when: str
    course: Course | None


@dataclass(frozen=True, eq=False)
class BusinessView:
    """The figures of a model, and whether this person may say what they are.

    Attributes
    ----------
    chosen
        The figure that the form is about; None for another one.
    """

    name: str
    note: str
    rows: tuple[FigureRow, ...]
    chosen: Kpi | None
    may_set: bool
    why_not: str


def load(
    services: "Services", principal: Principal, head: ModelHead, query: Mapping[str, str]
) -> BusinessView:
    """Return the business figures of a model, measured on the version that is looked at."""
    with services.store.reading() as session:
        kpis = services.targets.of_model(session, head.name)
        team = team_of(services, session, head.name)
        where, numbers = _measured(services, session, head) if kpis else (None, [])
    permits = services.authority.permits
    may = head.governed and permits(principal, Action.MODEL_GOVERN, model=head.name, team=team)
    return BusinessView(
        head.name, _note(where), tuple(_row(each, where, numbers) for each in kpis),
        next((each for each in kpis if each.name == query.get("figure")), None), may,
        "The owner of a governed model says which figures the business watches.",
    )  # fmt: skip


def _measured(
    services: "Services", session: Session, head: ModelHead
) -> tuple[Scope | None, list[WindowMetric]]:
    """Return the stretch of the newest windows of this version, and every figure in it."""
    monitor = _monitor(services.windows.of_model(session, head.name), head.version)
    if monitor is None:
        return None, []
    where = scope(monitor, services.windows.seen(session, monitor), {})
    if where.last is None:
        return None, []
    return where, services.windows.numbers(
        session, monitor, metrics=[KPI], since=where.since, until=where.ends
    )


def _monitor(monitors: Sequence[Monitor], version: int) -> Monitor | None:
    return next((each for each in monitors if each.ref.version == version), None)


def _note(where: Scope | None) -> str:
    if where is None:
        return "what the business watches"
    return f"v{where.monitor.ref.version}, {plural(len(where.starts), 'window')}"


def _row(kpi: Kpi, where: Scope | None, numbers: Sequence[WindowMetric]) -> FigureRow:
    its = {each.start: each for each in numbers if each.feature == kpi.name}
    newest = list(its.values())[-1] if its else None
    known = next((each for each in reversed(its.values()) if each.value is not None), newest)
    status, word = verdict(kpi, known)
    return FigureRow(
        kpi, status, word, _value(kpi, known), _target(kpi),
        window(known.start, where.granularity) if known and where else "",
        _course(kpi, where, its) if where and its else None,
    )  # fmt: skip


def verdict(kpi: Kpi, found: WindowMetric | None) -> tuple[str, str]:
    """Return status and word of a number held against its target.

    Notes
    -----
    As a clause is judged: outside is *misses*; inside with an interval that reaches outside is *not
    shown*, never green.
    """
    if found is None:
        return "unknown", "Not measured"
    if found.value is None:
        return (
            "unknown",
            "Too few rows" if found.status is MeasurementStatus.TOO_FEW else "Not measured",
        )
    worst = found.lo if kpi.direction == "higher" else found.hi
    if kpi.target is None:
        return "none", "No target"
    if not kpi.meets(found.value):
        return "fail", "Misses its target"
    if worst is not None and not kpi.meets(worst):
        return "unknown", "Not shown"
    return "pass", "Meets its target"


def _value(kpi: Kpi, found: WindowMetric | None) -> str:
    if found is None:
        return ""
    if kpi.unit == SHARE or found.value is None:
        return told.said(found, percent=True)
    ends = interval(found.value, found.lo, found.hi, limit=kpi.target)
    return f"{ends} {kpi.unit}, n = {found.n:,}"


def _target(kpi: Kpi) -> str:
    if kpi.target is None:
        return ""
    sign = "≥" if kpi.direction == "higher" else "≤"
    if kpi.unit == SHARE:
        return f"{sign} {share(kpi.target, 1)}"
    return f"{sign} {number(kpi.target)} {kpi.unit}"


def _course(kpi: Kpi, where: Scope, its: Mapping[datetime, WindowMetric]) -> Course:
    points = tuple(_point(kpi, at, its.get(at), where) for at in where.starts)
    return Course(
        (Line(kpi.name, points),), kpi.target, f"target {_target(kpi)}",
        ticks=TICKS.get(where.granularity, "%-d %b"), percent=kpi.unit == SHARE,
    )  # fmt: skip


def _point(kpi: Kpi, at: datetime, found: WindowMetric | None, where: Scope) -> WindowPoint:
    if found is None:
        return WindowPoint(at, None, f"{window(at, where.granularity)}: not measured")
    words = f"{window(at, where.granularity)}: {_value(kpi, found)}"
    return WindowPoint(at, found.value, words, verdict(kpi, found)[0] == "fail")
