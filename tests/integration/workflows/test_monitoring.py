"""A version that serves is watched without a click: windows, silence, late outcomes, evidence."""

import json
import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from scipy import stats

from services.facts.evidence.types import (
    EvidenceKind,
    Measurement,
    MeasurementStatus,
    Producer,
    Reading,
    segment,
)
from services.facts.kpi.service import PushedValues
from services.facts.kpi.types import PushedValue
from services.facts.window.types import Granularity
from services.kernel.clock import FixedClock
from services.kernel.error import InsufficientEvidence, IntegrityBroken
from services.kernel.identity import SYSTEM
from services.record.trail.unit_of_work import Store
from services.workflows.dbos_adapter import StrictJson
from services.workflows.monitoring.measuring import Measuring
from services.workflows.monitoring.plan import in_parts
from services.workflows.monitoring.pulse import Pulse
from tests.support.console_services import NAME
from tests.support.watched import Tower, open_tower, world

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "window-1.json"


@pytest.fixture
def tower(store: Store, tmp_path: Path, clock: FixedClock) -> Tower:
    return open_tower(store, tmp_path, clock)


def test_a_monitor_exists_without_a_click_and_measures_every_window_once(tower: Tower) -> None:
    tower.log.add(date(2026, 3, 11), world(900, 11))
    tower.log.add(date(2026, 3, 13), world(900, 13, warmer=0.6))
    assert len(tower.run()) == 1
    with tower.services.store.reading() as session:
        (monitor,) = tower.services.windows.monitors(session)
    assert (monitor.ref.version, monitor.task, monitor.favourable) == (1, "classification", 1)
    assert [each.name for each in monitor.columns] == [
        "temp", "carrier", "score", "prediction", "outcome",
    ]  # fmt: skip
    requests = tower.numbers("service.requests")
    assert [(each.start.day, each.value) for each in requests] == [
        (11, 900.0), (12, 0.0), (13, 900.0), (14, 0.0),
    ]  # fmt: skip
    assert tower.run() == []
    assert [each.monitor_id for each in tower.judged] == [monitor.monitor_id]


def test_the_distance_of_a_window_is_scipys_and_silence_has_none(tower: Tower) -> None:
    frame = world(900, 13, warmer=0.6)
    tower.log.add(date(2026, 3, 11), world(900, 11))
    tower.log.add(date(2026, 3, 13), frame)
    tower.run()
    assert tower.mlflow.evaluation is not None
    exact = stats.ks_2samp(tower.mlflow.evaluation["temp"], frame["temp"]).statistic
    calm, moved = tower.numbers("drift.ks", "temp")
    assert moved.lo is not None
    assert moved.lo <= exact <= moved.hi
    assert calm.value < calm.floor < moved.value


def test_concept_drift_shows_in_the_gap_where_inputs_stand_still(tower: Tower) -> None:
    tower.log.add(date(2026, 3, 12), world(900, 12))
    tower.log.add(date(2026, 3, 13), world(900, 13, turned=True))
    tower.run()
    calm, turned = tower.numbers("performance.accuracy_gap")
    assert abs(calm.value) < 4 * calm.floor / 1.645
    assert turned.lo > 0.5
    assert all(each.value < 0.1 for each in tower.numbers("drift.ks", "temp"))
    accuracy = tower.numbers("performance.accuracy")
    assert accuracy[0].value > 0.7 > 0.4 > accuracy[1].value


def test_late_outcomes_are_measured_into_the_window_of_their_prediction(tower: Tower) -> None:
    frame = world(900, 13)
    tower.log.add(date(2026, 3, 13), frame, known=False)
    tower.run()
    (before,) = tower.numbers("performance.accuracy")
    assert before.status is MeasurementStatus.TOO_FEW
    tower.log.add(date(2026, 3, 13), frame)
    assert len(tower.run()) == 1
    (after,) = tower.numbers("performance.accuracy")
    assert after.value == pytest.approx(((frame["temp"] <= 0) == frame["late"]).mean(), abs=1e-9)
    (coverage,) = tower.numbers("performance.label_coverage")
    assert coverage.value == 1.0


def test_closed_windows_are_evidence_once_and_the_latest_window_is_the_latest(tower: Tower) -> None:
    tower.log.add(date(2026, 3, 12), world(900, 12))
    tower.log.add(date(2026, 3, 13), world(900, 13, warmer=0.6))
    tower.run()
    services = tower.services

    def filed() -> list[tuple[int, str]]:
        with services.store.reading() as session:
            ref = services.registry.ref(session, NAME, 1)
            its = services.evidence.all_of(session, ref)
        return sorted((e.period_start.day, e.kind.value) for e in its if e.period_start)

    kinds = ("data_quality", "drift", "service_level")
    assert filed() == [(day, kind) for day in (12, 13) for kind in kinds]
    with services.store.reading() as session:
        latest = services.evidence.latest(session, services.registry.ref(session, NAME, 1), "drift")
    assert latest.period_start.day == 13
    assert latest.alias == "champion"
    payload = services.evidence.payload(latest)
    jsonschema.validate(payload, json.loads(SCHEMA.read_text(encoding="utf-8")))
    worst = next(m for m in latest.measurements if m.metric == "drift.ks")
    assert worst.value == max(n.value for n in _of(tower, "drift.ks", 13))
    tower.log.add(date(2026, 3, 12), world(900, 12), known=False)  # another stamp, the same inputs
    tower.run()
    assert filed() == [(day, kind) for day in (12, 13) for kind in kinds]


def _of(tower: Tower, metric: str, day: int) -> list:
    names = ("temp", "score")
    return [n for name in names for n in tower.numbers(metric, name) if n.start.day == day]


def test_rows_of_another_version_are_none_of_this_monitors(tower: Tower) -> None:
    tower.log.add(date(2026, 3, 13), world(900, 13), version=2)
    tower.run()
    assert [each.value for each in tower.numbers("service.requests")] == [0.0, 0.0]
    assert tower.numbers("drift.ks", "temp") == []


def test_a_version_that_serves_no_more_is_no_longer_watched_until_it_does_again(
    tower: Tower,
) -> None:
    tower.log.add(date(2026, 3, 13), world(900, 13))
    tower.run()
    windows, store = tower.services.windows, tower.services.store
    tower.mlflow.models[NAME].aliases.clear()
    tower.mlflow.change(NAME, 1)
    tower.sync.look()
    tower.watch.look()
    with store.reading() as session:
        assert windows.monitors(session) == []
        (ended,) = windows.monitors(session, ended=True)
    assert ended.ended_at is not None
    tower.mlflow.models[NAME].aliases["champion"] = 1
    tower.mlflow.change(NAME, 1)
    tower.sync.look()
    tower.watch.look()
    with store.reading() as session:
        assert [each.monitor_id for each in windows.monitors(session)] == [ended.monitor_id]


def test_without_an_evaluation_set_there_is_no_monitor_and_the_task_says_why(tower: Tower) -> None:
    tower.mlflow.evaluation = None
    tower.log.add(date(2026, 3, 13), world(900, 13))
    assert tower.run() == []
    with tower.services.store.reading() as session:
        ref = tower.services.registry.ref(session, NAME, 1)
    tower.watch.ask(ref, "person", "by hand")
    (task,) = tower.services.tasks.open("batch")
    tower.services.tasks.start(task.task_id)
    with pytest.raises(InsufficientEvidence, match="logged no evaluation set"):
        tower.monitoring.prepare(task.task_id)


def test_the_last_five_minutes_are_measured_once_a_minute_and_kept_for_two_days(
    tower: Tower, clock: FixedClock
) -> None:
    tower.log.add(date(2026, 3, 14), world(86_400 // 2, 14))  # a row every other second
    tower.run()
    services = tower.services
    pushed = PushedValues(services.store)
    busy = PushedValue(NAME, "service.cpu_share", "", clock.now() - timedelta(minutes=2), 0.95)
    pushed.take([busy], "token")
    pulse = Pulse(services.store, services.windows, tower.log, pushed)
    assert len(pulse.look()) == 1
    assert pulse.look() == []
    with services.store.reading() as session:
        (monitor,) = services.windows.monitors(session)
        numbers = services.windows.numbers(session, monitor, granularity=Granularity.FIVE_MINUTES)
    told = {each.metric: each for each in numbers}
    assert told["service.requests"].value == 150.0
    assert told["service.requests"].end == clock.now()
    assert told["service.latency_p95_ms"].value is not None
    assert told["service.cpu_share"].value == 0.95
    clock.advance(60)
    assert len(pulse.look()) == 1
    clock.advance(3 * 86_400)
    tower.log.add(date(2026, 3, 17), world(86_400 // 2, 17))
    pulse.look()
    with services.store.reading() as session:
        kept = services.windows.seen(session, monitor, Granularity.FIVE_MINUTES)
    assert [each.end for each in kept] == [clock.now()]


def test_a_version_that_rests_on_other_features_than_before_is_seen(tower: Tower) -> None:
    services = tower.services
    with services.store.unit(SYSTEM) as unit:
        ref = services.registry.ref(unit.session, NAME, 1)
        ranked = tuple(
            Measurement("explanation.importance", segment(feature=name), value, "model", 300)
            for name, value in (("temp", 0.9), ("carrier", 0.1))
        )
        reading = Reading(EvidenceKind.EXPLANATION, "explanation/1", {}, ranked)
        services.evidence.file(unit, ref, reading, Producer("task", "0.1.0"))
    tower.log.add(date(2026, 3, 13), world(900, 13))
    tower.run()
    (agreement,) = tower.numbers("drift.importance_ndcg")
    carrier, temp = 0.5, 0.1 * (2 / math.pi) ** 0.5  # of temperatures, the mean distance from 0
    expected = (temp + carrier / math.log2(3)) / (carrier + temp / math.log2(3))
    assert agreement.value == pytest.approx(expected, abs=0.03)
    assert agreement.n == 200
    assert agreement.lo is not None
    assert agreement.hi is not None
    assert agreement.lo < expected < agreement.hi


def test_a_version_that_was_never_explained_has_no_agreement_to_tell(tower: Tower) -> None:
    tower.log.add(date(2026, 3, 13), world(900, 13))
    tower.run()
    assert tower.numbers("drift.importance_ndcg") == []


def test_a_long_history_is_planned_in_steps_that_the_workflow_store_takes(tower: Tower) -> None:
    tower.log.add(date(2016, 3, 13), world(30, 1))
    tower.log.add(date(2026, 3, 13), world(30, 2))
    tower.watch.look()
    (task,) = [t for t in tower.services.tasks.open("batch") if t.kind == "monitoring"]
    tower.services.tasks.start(task.task_id)
    monitor_id = tower.monitoring.prepare(task.task_id)["monitor_id"]
    store, starts, shares = StrictJson(), list[str](), list[float]()

    def plan(after: str) -> dict[str, Any]:
        told = tower.monitoring.plan(task.task_id, monitor_id, after)
        return store.deserialize(store.serialize(told))

    for windows, share in in_parts(plan):
        starts += [each["start"] for each in windows]
        shares.append(share)
    days = (date(2026, 3, 14) - date(2016, 3, 13)).days + 1
    assert len(set(starts)) == len(starts) == days
    assert starts == sorted(starts)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_monitor_that_could_not_be_made_is_tried_again_later(
    tower: Tower, clock: FixedClock
) -> None:
    tower.log.add(date(2026, 3, 13), world(900, 13))
    assert tower.watch.look() == 1
    (task,) = tower.services.tasks.open("batch")
    tower.services.tasks.start(task.task_id)
    tower.services.tasks.fail(task.task_id, "MLflow does not answer.")
    tower.watch.look()
    assert tower.services.tasks.open("batch") == []
    clock.advance(6 * 3_600)
    assert len(tower.run()) == 1
    assert len(tower.numbers("service.requests")) == 2


def test_a_log_that_is_damaged_hides_no_other_model(
    tower: Tower, monkeypatch: pytest.MonkeyPatch
) -> None:
    tower.log.add(date(2026, 3, 13), world(900, 13))
    tower.run()

    def damaged(*_: object) -> None:
        raise IntegrityBroken("The prediction log of obrat is damaged.")

    monkeypatch.setattr(tower.log, "tallies", damaged)
    monkeypatch.setattr(tower.log, "recent", damaged)
    services = tower.services
    pulse = Pulse(services.store, services.windows, tower.log, PushedValues(services.store))
    assert (tower.watch.look(), pulse.look()) == (0, [])


def test_a_day_is_read_once_for_its_hours(tower: Tower, monkeypatch: pytest.MonkeyPatch) -> None:
    tower.log.add(date(2026, 3, 13), world(900, 13))
    (task,) = tower.run()
    with tower.services.store.reading() as session:
        (monitor,) = tower.services.windows.monitors(session)
    read = list[date]()

    def day(model: str, asked: date) -> pa.Table:
        del model
        read.append(asked)
        return tower.log.held[asked]

    monkeypatch.setattr(tower.log, "day", day)
    hours = [
        {
            "start": f"2026-03-13T{hour:02}:00:00+00:00", "end": f"2026-03-13T{hour + 1:02}:00:00+00:00",
            "days": ["2026-03-13"], "rows": 900, "labelled": 0, "stamp": "1", "closed": True,
        }
        for hour in (3, 4)
    ]  # fmt: skip
    closed = tower.monitoring.measure(task, monitor.monitor_id, hours, 0.5)
    assert closed == [each["start"] for each in hours]
    assert read == [date(2026, 3, 13)]


def test_what_differs_from_the_first_window_on_is_skew_and_what_came_later_is_not(
    tower: Tower,
) -> None:
    fahrenheit = world(900, 9)
    fahrenheit["temp"] = fahrenheit["temp"] * 1.8 + 32
    tower.log.add(date(2026, 3, 9), fahrenheit)
    tower.log.add(date(2026, 3, 10), fahrenheit)
    tower.run()
    skewed = tower.numbers("drift.skew_distance", "temp")
    assert [each.value > 0.3 for each in skewed] == [True, True]
    first = tower.numbers("drift.skew_differences", "temp")[0]
    assert (first.value, first.method) == (1.0, "looks like Fahrenheit for Celsius")
    tower.log.add(date(2026, 3, 11), world(900, 11))
    tower.log.add(date(2026, 3, 12), fahrenheit)
    tower.run()
    skewed = tower.numbers("drift.skew_distance", "temp")
    assert [each.value > 0.3 for each in skewed] == [True, True, False, False]
    assert skewed[2].value == skewed[3].value < skewed[2].floor
    assert [each.value for each in tower.numbers("drift.skew_differences", "temp")] == [1, 1, 0, 1]
    assert {each.value for each in tower.numbers("drift.skew_differences", "carrier")} == {0.0}


def test_a_feature_that_moves_with_the_calendar_is_shown_and_is_no_drift(tower: Tower) -> None:
    tower.mlflow.evaluation = world(4_000, 1, weekday=7)
    for day in range(4):
        tower.log.add(date(2026, 3, 9 + day), world(900, 9 + day, weekday=day))
    tower.run()
    moved = tower.numbers("drift.ks", "weekday")
    assert [each.is_calendar for each in moved] == [False, True, True, True]
    assert all(each.value == each.floor > 0.4 for each in moved[1:])
    assert not any(each.is_calendar for each in tower.numbers("drift.ks", "temp"))
    assert [each.is_calendar for each in tower.numbers("drift.skew_distance", "weekday")] == [
        False, True, True, True,
    ]  # fmt: skip
    said = [each.value for each in tower.numbers("drift.skew_differences", "weekday")]
    assert said == [1.0, 0.0, 0.0, 0.0]
    services = tower.services
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 1)
        filed = [e for e in services.evidence.all_of(session, ref) if e.kind is EvidenceKind.DRIFT]
    newest = max(filed, key=lambda each: each.period_start)
    worst = next(each for each in newest.measurements if each.metric == "drift.ks")
    assert worst.value is not None
    assert worst.value < 0.1


def test_a_caller_that_asks_far_more_than_it_ever_did_is_suspicious(tower: Tower) -> None:
    for day in range(7):
        tower.log.add(date(2026, 3, 4 + day), world(60 + day, 4 + day), caller="ab" * 32)
    tower.log.add(date(2026, 3, 11), world(300, 11), caller="ab" * 32)
    tower.log.add(date(2026, 3, 12), world(600, 12), caller="cd" * 32)
    tower.log.add(date(2026, 3, 13), world(400, 13), caller="ab" * 32)
    tower.run()
    told = tower.numbers("service.suspicious_callers")
    assert [each.value for each in told[:10]] == [0.0] * 10
    tower.log.add(date(2026, 3, 13), world(1_600, 14), caller="ab" * 32)
    tower.run()
    burst = tower.numbers("service.suspicious_callers")[9]
    assert (burst.start.day, burst.value, burst.method) == (13, 1.0, "volume 1")
    tower.log.add(date(2026, 3, 12), world(700, 12), caller="ab" * 32)
    tower.run()
    assert tower.numbers("service.suspicious_callers")[9].value == 1.0


def test_a_long_window_is_read_a_day_at_a_time(
    tower: Tower, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (11, 12, 13):
        tower.log.add(date(2026, 3, day), world(900, day), caller="ab" * 32)
    (task,) = tower.run()
    with tower.services.store.reading() as session:
        (monitor,) = tower.services.windows.monitors(session)
    monkeypatch.setattr("services.workflows.monitoring.service.MOST", 1_000)
    monkeypatch.delattr(Measuring, "window")  # no way but that of long windows
    window = {
        "start": "2026-03-01T00:00:00+00:00", "end": "2026-04-01T00:00:00+00:00",
        "days": ["2026-03-11", "2026-03-12", "2026-03-13"], "rows": 2_700, "labelled": 0,
        "stamp": "1", "closed": True,
    }  # fmt: skip
    tower.monitoring.measure(task, monitor.monitor_id, [window], 0.5)
    first = tower.numbers("service.requests")[0]
    assert (first.start.day, first.end.month, first.value) == (1, 4, 2_700.0)
    assert tower.numbers("drift.ks", "temp")[0].n == 2_700
    assert tower.numbers("performance.accuracy")[0].n == 2_700
