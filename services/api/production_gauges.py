"""Production as gauges: the newest window of every monitor, open alerts, rows of the log."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.api.exposition import Gauge
from services.facts.window.types import Monitor, Seen, WindowMetric
from services.kernel.metric import CATALOGUE, Metric

if TYPE_CHECKING:
    from services.bootstrap.services import Services

FAMILIES = ("drift", "data_quality", "performance", "service", "kpi")
ALERTS, ROWS, LABELLED, END = (
    f"countersign_{each}"
    for each in ("alerts_open", "log_rows", "log_labelled_rows", "window_end_timestamp_seconds")
)
_ABOUT = {
    ALERTS: "Alerts that are not resolved.",
    ROWS: "Rows of the prediction log that were measured.",
    LABELLED: "Rows of the prediction log whose outcome is known.",
    END: "When the newest window with rows ends, in seconds since 1970.",
}


def name_of(metric: str) -> str:
    """Return under which name a metric of the catalogue is scraped."""
    return f"countersign_{metric.replace('.', '_')}"


def names() -> set[str]:
    """Return every name that may be scraped."""
    return {name_of(each.name) for each in _exported()} | set(_ABOUT)


def gauges(services: "Services") -> list[Gauge]:
    """Return what is known of production.

    Notes
    -----
    A number that is too few or not estimable has no line: absent is not zero. Segments are left out;
    protected groups never leave by this door. Numbers are those of the newest closed window, as on
    the fleet's page; performance is that of the newest closed one whose outcomes are known.
    """
    with services.store.reading() as session:
        monitors = _one_a_version(services.windows.monitors(session))
        numbers = services.windows.newest(session, monitors, [m.name for m in _exported()])
        last = services.windows.last(session, monitors)
        totals = services.windows.totals(session, monitors)
        alerts = services.alerts.open(session)
    found = {name_of(each.name): Gauge(name_of(each.name), each.definition) for each in _exported()}
    found |= {name: Gauge(name, about) for name, about in _ABOUT.items()}
    for monitor in monitors:
        own = monitor.monitor_id
        _log(found, _labels(monitor), last.get(own), totals.get(own, (0, 0)))
        _window(found, _labels(monitor), numbers[own])
    counted = Counter((each.ref.name, each.severity.value) for each in alerts)
    for (model, severity), count in sorted(counted.items()):
        found[ALERTS].samples.append(({"model": model, "severity": severity}, float(count)))
    return list(found.values())


def _one_a_version(monitors: Sequence[Monitor]) -> list[Monitor]:
    """Return the newest monitor of each version: two lines with the same labels are no exposition."""
    by_version = {(each.ref.name, each.ref.version): each for each in reversed(monitors)}
    return list(by_version.values())


def _exported() -> list[Metric]:
    return [each for each in CATALOGUE.values() if each.family in FAMILIES]


def _labels(monitor: Monitor) -> dict[str, str]:
    return {"model": monitor.ref.name, "version": str(monitor.ref.version)}


def _log(
    found: dict[str, Gauge], labels: dict[str, str], last: Seen | None, totals: tuple[int, int]
) -> None:
    found[ROWS].samples.append((labels, float(totals[0])))
    found[LABELLED].samples.append((labels, float(totals[1])))
    found[END].samples.append((labels, last.end.timestamp() if last else None))


def _window(
    found: dict[str, Gauge], labels: dict[str, str], numbers: Sequence[WindowMetric]
) -> None:
    newest = max((each.start for each in numbers), default=None)
    told = {
        (each.metric, each.feature): each
        for each in numbers
        if each.value is not None
        and (each.start == newest or each.metric.startswith("performance."))
    }
    for each in told.values():
        found[name_of(each.metric)].samples.append(({**labels, **_feature(each)}, each.value))


def _feature(number: WindowMetric) -> dict[str, str]:
    return {"feature": number.feature} if number.feature else {}
