"""What is scraped of production: the newest window of each version, on each engine."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from services.api import production_gauges
from services.api.exposition import text
from services.facts.evidence.types import MeasurementStatus
from services.facts.window.service import Windows
from services.facts.window.types import Granularity, Monitor, Seen, WindowMetric
from services.judgement.alert.types import Severity
from services.kernel.identity import ModelRef
from services.record.trail.unit_of_work import Store
from tests.support.openmetrics import Samples, parse

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOWS = Windows()


def monitor(name: str, version: int = 1, made: datetime = START) -> Monitor:
    ref = ModelRef("default", "default", name, version, f"run-{version}", "x")
    return Monitor(f"{name}-{version}-{made:%d}", ref, Granularity.DAY, "classification", (), "0" * 64, 100, made)  # fmt: skip


def number(day: int, metric: str, value: float | None, **more: Any) -> WindowMetric:
    return WindowMetric(START + day * DAY, START + (day + 1) * DAY, metric, value, 100, **more)


def file(
    store: Store, its: Monitor, day: int, rows: int, *numbers: WindowMetric,
    granularity: Granularity = Granularity.DAY,
) -> None:  # fmt: skip
    start = START + day * DAY
    seen = Seen(start, start + DAY, rows, rows // 2, "s", start + DAY, closed=True)
    with store.operational() as session:
        WINDOWS.file(session, its.monitor_id, granularity, seen, [], numbers)


def begin(store: Store, *monitors: Monitor) -> None:
    with store.operational() as session:
        for each in monitors:
            WINDOWS.begin(session, each, [])


def scraped(store: Store, *severities: Severity) -> Samples:
    alerts = [SimpleNamespace(ref=monitor("loan").ref, severity=each) for each in severities]
    services: Any = SimpleNamespace(
        store=store, windows=WINDOWS, alerts=SimpleNamespace(open=lambda _: alerts)
    )
    return parse(text(production_gauges.gauges(services)))


def of(model: str, version: int = 1, **more: str) -> frozenset[tuple[str, str]]:
    return frozenset({"model": model, "version": str(version), **more}.items())


def test_the_newest_window_with_rows_is_scraped_and_no_other(store: Store) -> None:
    loan, other = monitor("loan"), monitor("other")
    begin(store, loan, other)
    file(store, loan, 0, 40, number(0, "drift.ks", 0.5, feature="age"))
    file(
        store, loan, 1, 60, number(1, "drift.ks", 0.1, feature="age"),
        number(1, "drift.ks", 0.9, feature="age", segment="carrier=UA"),
        number(1, "service.error_rate", 0.02), number(1, "fairness.impact_ratio", 0.7),
        number(1, "performance.auc", None, status=MeasurementStatus.TOO_FEW),
        number(1, "kpi.value", 0.4, feature="Approvals"),
    )  # fmt: skip
    file(store, loan, 2, 0, number(2, "service.requests", 0.0))
    file(store, loan, 3, 5, number(3, "drift.ks", 0.3, feature="age"), granularity=Granularity.HOUR)
    found = scraped(store)
    assert found["countersign_drift_ks", of("loan", feature="age")] == 0.1
    assert found["countersign_service_error_rate", of("loan")] == 0.02
    assert found["countersign_kpi_value", of("loan", feature="Approvals")] == 0.4
    assert found["countersign_log_rows", of("loan")] == 100
    assert found["countersign_log_labelled_rows", of("loan")] == 50
    ended = (START + 2 * DAY).timestamp()
    assert found["countersign_window_end_timestamp_seconds", of("loan")] == ended
    assert found["countersign_log_rows", of("other")] == 0
    names = {name for name, _ in found}
    assert not any("fairness" in name or name.endswith("_auc") for name in names)
    assert len([key for key in found if key[0] == "countersign_drift_ks"]) == 1


def test_performance_is_of_the_newest_window_with_outcomes_and_an_open_window_is_passed_over(
    store: Store,
) -> None:
    loan = monitor("loan")
    begin(store, loan)
    file(store, loan, 0, 40, number(0, "performance.auc", 0.8), number(0, "drift.ks", 0.5, feature="age"))  # fmt: skip
    unlabelled = Seen(START + DAY, START + 2 * DAY, 60, 0, "s", START + 2 * DAY, closed=True)
    still = Seen(START + 2 * DAY, START + 3 * DAY, 3, 0, "s", START + 2 * DAY, closed=False)
    none = number(1, "performance.auc", None, status=MeasurementStatus.TOO_FEW)
    with store.operational() as session:
        for seen, numbers in ((unlabelled, [none]), (still, [number(2, "drift.ks", 1.0)])):
            WINDOWS.file(session, loan.monitor_id, Granularity.DAY, seen, [], numbers)
    found = scraped(store)
    assert found["countersign_performance_auc", of("loan")] == 0.8
    assert not any(name == "countersign_drift_ks" for name, _ in found)
    assert found["countersign_log_rows", of("loan")] == 103


def test_a_version_that_serves_no_more_is_left_out_and_one_watched_anew_stands_once(
    store: Store,
) -> None:
    old, again, ended = monitor("loan"), monitor("loan", made=START + DAY), monitor("loan", 2)
    begin(store, old, again, ended)
    file(store, old, 0, 7)
    file(store, again, 1, 9)
    with store.operational() as session:
        WINDOWS.end(session, ended.monitor_id, START)
    found = scraped(store)
    assert found["countersign_log_rows", of("loan")] == 9
    assert ("countersign_log_rows", of("loan", 2)) not in found


def test_open_alerts_are_counted_by_severity(store: Store) -> None:
    found = scraped(store, Severity.WARNING, Severity.CRITICAL, Severity.WARNING)
    counted = {dict(labels)["severity"]: value for (_, labels), value in found.items()}
    assert counted == {"critical": 1.0, "warning": 2.0}


@pytest.mark.parametrize("monitors", [0, 40])
def test_however_many_monitors_there_are_it_is_a_few_questions(
    sqlite_store: Store, monitors: int
) -> None:
    made = [monitor(f"m{n}") for n in range(monitors)]
    begin(sqlite_store, *made)
    for each in made:
        file(sqlite_store, each, 0, 10, number(0, "service.requests", 10.0))
    asked: list[str] = []
    engine = sqlite_store.database.engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert len(scraped(sqlite_store)) == monitors * 4
    assert len([each for each in asked if each.startswith("SELECT")]) <= 4
