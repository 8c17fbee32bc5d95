"""What was asked of the worker about one monitor, and its answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from console.figures.heat import Heat
from console.format import NOTHING, interval, number, segment, window
from console.views.drift.history import History
from console.views.drift.pair import Asked
from console.views.drift.replies import drilled, raw_rows
from console.views.drift.scope import Scope
from services.facts.window.rules import windows_between
from services.facts.window.types import Monitor
from services.people.account.types import Principal
from services.record.task.types import Task, TaskState
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One column as Evidently sees it, and as we do."""

    column: str
    method: str
    score: str
    threshold: str
    detected: str
    ours: str


@dataclass(frozen=True, slots=True)
class Report:
    """An archived report: its scores, on how many rows of which windows, and its page."""

    scores: tuple[ScoreRow, ...]
    rows: int
    sampled: bool
    when: str
    html: Callable[[], bytes]

    @property
    def compared(self) -> bool:
        """Tell whether ours stand beside any of its scores; ours are of one window each."""
        return any(row.ours != NOTHING for row in self.scores)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The chosen feature and window, and the whole stretch that is drawn."""

    monitor_id: str
    feature: str
    segment: str
    window: tuple[datetime, datetime]
    whole: tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Asking:
    """What may be asked, what runs, and the newest answer of each kind.

    Attributes
    ----------
    about, words
        What a question asked now is about, and how people call it.
    running
        Tasks that are not over, or ended without an answer, by kind.
    segments
        The columns that may split a feature, as the log names them.
    split
        The column that the address names; empty for none.
    drilled
        What the drill-down split, and by what: of the feature and column that the address names.
    rows
        Columns and rows that this person asked for; nobody else sees them.
    """

    about: Stretch
    words: str
    may_ask: bool
    may_read: bool
    segments: tuple[str, ...]
    split: str
    running: Mapping[str, str]
    drilled: tuple[str, Heat] | None
    report: Report | None
    rows: tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]] | None


def load(
    services: "Services", session: Session, principal: Principal, history: History, asked: Asked,
    team: str | None,
) -> Asking:  # fmt: skip
    """Return what stands on the page about asking."""
    scope = history.scope
    monitor, here = scope.monitor, (asked.window.start, asked.window.end)
    name = monitor.ref.name
    tasks = services.tasks.of_subject(session, "monitor", monitor.monitor_id, 50)
    permits = services.authority.permits
    may_read = permits(principal, Action.ROWS_READ, model=name, team=team)
    columns = segment_columns(monitor)
    newest: dict[str, Task] = {}
    for task in tasks:
        if _is_another_split(task, asked, columns):
            continue
        kind = "rows" if task.payload.get("rows") else task.kind
        if kind != "rows" or (may_read and task.requested_by == principal.person_id):
            newest.setdefault(kind, task)
    answered = {k: t.result for k, t in newest.items() if t.result is not None}
    return Asking(
        Stretch(monitor.monitor_id, asked.feature, scope.segment, here,
                (scope.since or here[0], scope.ends or here[1])),
        _about(scope, asked),
        permits(principal, Action.MONITOR_ASK, model=name, team=team),
        may_read,
        columns,
        column_of(columns, asked.split),
        {k: t.task_id for k, t in newest.items() if t.state is not TaskState.SUCCEEDED},
        drilled(history, newest["drill_down"]) if "drill_down" in answered else None,
        _report(services, history, newest["drift_report"]) if "drift_report" in answered else None,
        raw_rows(answered["rows"]) if "rows" in answered else None,
    )  # fmt: skip


def _is_another_split(task: Task, asked: Asked, columns: Sequence[str]) -> bool:
    """Tell whether a drill-down is not the one that the address names; without a name each is."""
    if not asked.split or task.kind != "drill_down" or task.payload.get("rows"):
        return False
    found = task.payload.get("feature"), task.payload.get("segment_column")
    return found != (asked.feature, column_of(columns, asked.split))


def _about(scope: Scope, asked: Asked) -> str:
    when = window(asked.window.start, scope.granularity)
    return f"{asked.feature}, {when}, {segment(scope.segment) if scope.segment else 'all rows'}"


def segment_columns(monitor: Monitor) -> tuple[str, ...]:
    """Return the columns that are known to split rows; any other column of the log may too."""
    named = [f"s_{each}" for each in monitor.segments]
    levels = [c.column for c in monitor.columns if c.kind == "category" and c.column[:2] == "f_"]
    return tuple(dict.fromkeys([*named, *levels]))


def column_of(columns: Sequence[str], typed: str) -> str:
    """Return the column of the log that a person means by ``carrier``; what is unknown stays."""
    return next((each for each in columns if typed in (each, each[2:])), typed)


def _report(services: "Services", history: History, task: Task) -> Report:
    result = task.result or {}
    monitor = history.scope.monitor
    since, until = (datetime.fromisoformat(str(task.payload[key])) for key in ("since", "until"))
    covered = windows_between(since, until, monitor.granularity)
    ends = [window(each.start, monitor.granularity) for each in (covered[0], covered[-1])]
    at = since if len(covered) == 1 else None
    named = {each.column: each.name for each in monitor.columns}
    sha = str(result["html_sha256"])
    return Report(
        tuple(_score(history, named, at, each) for each in result["scores"]),
        int(result["rows"]), bool(result["sampled"]), " to ".join(dict.fromkeys(ends)),
        lambda: services.archive.get(sha),
    )  # fmt: skip


def _score(
    history: History, named: Mapping[str, str], at: datetime | None, found: Mapping[str, Any]
) -> ScoreRow:
    """Return a score; ours beside it only where it is of one window, as ours are."""
    column = str(found["column"])
    its = (history.of(m, named.get(column, column)) for m in history.scope.statistic.metrics)
    ours = next((by[at] for by in its if at in by), None) if at else None
    shown = interval(ours.value, ours.lo, ours.hi) if ours else NOTHING
    detected = {True: "drift", False: "none"}.get(found.get("detected"), NOTHING)  # type: ignore[arg-type]
    return ScoreRow(
        named.get(column, column), str(found["method"]), number(found.get("score")),
        number(found.get("threshold")), detected, shown,
    )  # fmt: skip
