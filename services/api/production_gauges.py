"""Production as gauges: the newest window of every monitor, open alerts, rows of the log."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.api.exposition import Gauge
from services.facts.window.newest import Newest, newest
from services.facts.window.types import Monitor, WindowMetric
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
    protected groups never leave by this door.
    """
    with services.store.reading() as session:
        monitors = _one_a_version(services.windows.monitors(session))
        known = newest(session, monitors)
        alerts = services.alerts.open(session)
    found = {name_of(each.name): Gauge(name_of(each.name), each.definition) for each in _exported()}
    found |= {name: Gauge(name, about) for name, about in _ABOUT.items()}
    for monitor in monitors:
        _window(found, monitor, known[monitor.monitor_id])
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


def _window(found: dict[str, Gauge], monitor: Monitor, its: Newest) -> None:
    labels = {"model": monitor.ref.name, "version": str(monitor.ref.version)}
    found[ROWS].samples.append((labels, float(its.rows)))
    found[LABELLED].samples.append((labels, float(its.labelled)))
    found[END].samples.append((labels, its.end.timestamp() if its.end else None))
    for each in its.numbers:
        gauge = found.get(name_of(each.metric))
        if gauge is not None:
            gauge.samples.append(({**labels, **_feature(each)}, each.value))


def _feature(number: WindowMetric) -> dict[str, str]:
    return {"feature": number.feature} if number.feature else {}
