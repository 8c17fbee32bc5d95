"""All numbers of one stretch of windows, read once and arranged once for each state of the store."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from sqlmodel import Session

from console.format import interval, share, window
from console.views.drift.scope import Scope
from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import Monitor, Seen, WindowMetric
from services.record.trail.unit_of_work import Store

if TYPE_CHECKING:
    from services.bootstrap.services import Services

_MOST, _MOST_MADE = 16, 64
_FAMILIES = ("performance.", "service.", "kpi.")


@dataclass(frozen=True, eq=False)
class History:
    """The numbers of a stretch: by metric and feature, then by window."""

    scope: Scope
    numbers: Mapping[tuple[str, str], Mapping[datetime, WindowMetric]]

    def of(self, metric: str, feature: str = "") -> Mapping[datetime, WindowMetric]:
        """Return one number by window; nothing where it was never measured."""
        return self.numbers.get((metric, feature), {})

    def newest(self, metric: str, feature: str = "") -> WindowMetric | None:
        """Return the newest one that has a value, or None."""
        known = [each for each in self.of(metric, feature).values() if each.value is not None]
        return known[-1] if known else None


T = TypeVar("T")
Stamp = tuple[str, datetime | None, int]
_kept: WeakKeyDictionary[Store, dict[tuple[Stamp, Scope], History]] = WeakKeyDictionary()
_made: WeakKeyDictionary[History, dict[Hashable, Any]] = WeakKeyDictionary()


def load(services: "Services", session: Session, scope: Scope, seen: Sequence[Seen]) -> History:
    """Return the numbers of a stretch.

    Notes
    -----
    Kept until a window of the monitor is measured again; the views and figures made from a history
    are kept with it.
    """
    key = (stamp(scope.monitor, seen), scope)
    kept = _kept.setdefault(services.store, {})
    found = kept.get(key)
    if found is None:
        found = kept[key] = _read(services, session, scope)
        for old in list(kept)[:-_MOST]:
            kept.pop(old, None)
    return found


def once(history: History, key: Hashable, make: Callable[[], T]) -> T:
    """Return what was made from a history, made the first time it is asked for."""
    made = _made.setdefault(history, {})
    if key not in made:
        made[key] = make()
        for old in list(made)[:-_MOST_MADE]:
            made.pop(old, None)
    return made[key]


def stamp(monitor: Monitor, seen: Sequence[Seen]) -> Stamp:
    """Return what changes when a window is measured."""
    return monitor.monitor_id, max((each.measured_at for each in seen), default=None), len(seen)


def _read(services: "Services", session: Session, scope: Scope) -> History:
    found: dict[tuple[str, str], dict[datetime, WindowMetric]] = {}
    if scope.last is not None:
        read = services.windows.numbers(
            session, scope.monitor, metrics=(*scope.statistic.metrics, *WHOLE),
            segment=scope.segment, since=scope.since, until=scope.ends,
        )  # fmt: skip
        for each in read:
            found.setdefault((each.metric, each.feature), {})[each.start] = each
    return History(scope, found)


PAIRS = (
    ("performance.accuracy", "performance.estimated_accuracy"),
    ("performance.auc", "performance.estimated_auc"),
    ("performance.f1", "performance.estimated_f1"),
    ("performance.f1_macro", ""),
    ("performance.rmse", ""),
    ("performance.mae", ""),
    ("performance.r2", ""),
)
WHOLE = (
    *(name for pair in PAIRS for name in pair if name), "performance.accuracy_gap",
    "performance.label_coverage", "performance.label_lag_hours", "service.latency_p50_ms",
    "service.latency_p95_ms", "service.latency_p99_ms", "service.requests", "service.error_rate",
    "service.cpu_share", "service.memory_share", "drift.reconstruction_error",
    "drift.low_confidence_share", "data_quality.outlier_share",
)  # fmt: skip


def words(found: WindowMetric | None, name: str, at: datetime, granularity: str) -> str:
    """Return what is read when a number is pointed at."""
    where = f"{name}, {window(at, granularity)}"
    if found is None:
        return f"{where}: not measured"
    return f"{where}: {said(found)}"


def said(found: WindowMetric, *, percent: bool = False) -> str:
    """Return a number with its interval and rows, or why there is none."""
    if found.is_withheld:
        return found.method
    if found.status is MeasurementStatus.TOO_FEW:
        return f"too few (n = {found.n:,})"
    if found.value is None:
        return f"could not be told, n = {found.n:,}"
    shown = ends(found) if percent else interval(found.value, found.lo, found.hi)
    return f"{shown}, n = {found.n:,}"


def ends(found: WindowMetric) -> str:
    """Return a share with its interval as per cent."""
    if found.lo is None or found.hi is None:
        return share(found.value, 1)
    return f"{share(found.value, 1)} [{100 * found.lo:.1f}, {100 * found.hi:.1f}]"
