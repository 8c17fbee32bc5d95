"""Alerts on each engine: raised once, told once, quiet when people say so, over when it is shown."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.views import alerts as alerts_view
from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    Producer,
    Reading,
)
from services.facts.window.types import Granularity, WindowMetric
from services.judgement.alert import repository
from services.judgement.alert.judging import Judging
from services.judgement.alert.types import AlertState, Figures
from services.judgement.alert.types import Reading as JudgedAs
from services.kernel.clock import FixedClock
from services.kernel.error import InvalidInput, InvalidTransition, NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME, open_services, person
from tests.support.watching import DAY, POLICY, Watch, midnight, monitor_of, watch

HOUR = 3600.0


@pytest.fixture
def services(store: Store, tmp_path: Path, clock: FixedClock) -> Any:
    return open_services(store, tmp_path, clock)


@pytest.fixture
def house(services: Any) -> Watch:
    return watch(services)


def test_two_windows_beyond_the_limit_raise_one_alert_with_all_that_is_known(house: Watch) -> None:
    house.drift(0.1, 0.3)
    assert house.open() == []
    house.drift(0.31)
    (alert,) = house.open()
    assert (alert.rule, alert.metric, alert.feature) == ("drift", "drift.ks", "hrat")
    assert (alert.value, alert.limit, alert.n) == (0.31, "≤ 0.20", 900)
    assert alert.dedup_key == f"{NAME}:1:drift:drift.ks:hrat:"
    assert alert.asks_for_review
    assert sorted(house.told()) == [("raised", "pager"), ("raised", "slack")]
    (event,) = house.events("raised")
    assert event.subject_id == alert.alert_id
    assert event.payload["policy_sha256"] == alert.policy_sha256
    house.drift(0.35, 0.4)
    assert len(house.all()) == 1
    assert len(house.told()) == 2


def test_it_resolves_on_the_calm_side_and_not_before(house: Watch) -> None:
    house.drift(0.3, 0.3, 0.18, 0.19, 0.18)
    assert len(house.open()) == 1
    house.drift(0.1)
    assert len(house.open()) == 1
    house.drift(0.1)
    (alert,) = house.all()
    assert (alert.state, alert.how) == (AlertState.RESOLVED, "clear")
    assert sorted(house.told()[2:]) == [("resolved", "pager"), ("resolved", "slack")]
    (event,) = house.events("resolved")
    assert event.payload == {"state": "resolved", "how": "clear"}


def test_days_that_say_nothing_resolve_nothing(house: Watch) -> None:
    house.drift(0.3, 0.3)
    house.services.clock.advance(20 * DAY.total_seconds())
    house.services.alerts.look()
    assert {alert.rule for alert in house.open()} == {"drift", "silence"}


def test_a_business_figure_has_a_rule_by_its_name(house: Watch) -> None:
    rule = "{id: announced, metric: kpi.value, feature: Announced, under: 0.12, windows: 2 of 2, channels: [slack]}"
    text = f"{POLICY % (3, 0)}    - {rule}\n"
    house.services.policies.publish(SYSTEM, text.encode())
    for value in (0.3, 0.1, 0.08):
        start = midnight(house.services.clock)
        house.services.clock.advance(DAY.total_seconds())
        figures = [
            WindowMetric(start, start + DAY, "kpi.value", its, 900, feature=name)
            for name, its in (("Announced", value), ("Losses", 0.0))
        ]
        house.file(start, *figures)
        house.services.alerts.look()
    (alert,) = house.open()
    assert (alert.rule, alert.feature, alert.value) == ("announced", "Announced", 0.08)
    assert alert.limit == "≥ 0.12"
    assert house.told() == [("raised", "slack")]


def test_looking_again_changes_nothing(house: Watch) -> None:
    house.drift(0.3, 0.3)
    before = house.all(), house.told()
    for _ in range(3):
        assert house.services.alerts.look() == []
    assert (house.all(), house.told()) == before


def together(work: Callable[[], Any], times: int = 4) -> list[BaseException]:
    failed: list[BaseException] = []
    barrier = threading.Barrier(times)

    def run() -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the test says what may be raised
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return failed


def test_of_those_who_look_at_the_same_moment_one_raises(house: Watch) -> None:
    house.drift(0.3)
    start = midnight(house.services.clock)
    house.services.clock.advance(DAY.total_seconds())
    house.file(start, WindowMetric(start, start + DAY, "drift.ks", 0.3, 900, feature="hrat"))
    assert together(house.services.alerts.look) == []
    assert len(house.events("raised")) == 1
    assert len(house.told()) == 2


def test_of_those_who_acknowledge_at_the_same_moment_one_does(house: Watch) -> None:
    house.drift(0.3, 0.3)
    (alert,) = house.open()
    failed = together(lambda: house.services.alerts.acknowledge(house.olga, alert.alert_id))
    assert [type(each) for each in failed] == [InvalidTransition] * 3
    assert len(house.events("acknowledged")) == 1


def test_who_looks_at_it_is_written_down_and_what_they_said_stays_out_of_the_trail(
    house: Watch,
) -> None:
    house.drift(0.3, 0.3)
    (alert,) = house.open()
    said = "Anna from the data team is on it."
    after = house.services.alerts.acknowledge(house.olga, alert.alert_id, said)
    assert (after.state, after.handled_by) == (AlertState.ACKNOWLEDGED, house.olga.person_id)
    (event,) = house.events("acknowledged")
    assert event.actor.id == house.olga.person_id
    assert "Anna" not in str(event.payload)
    assert house.told()[2:] == [("acknowledged", "pager")]
    house.drift(0.1, 0.1)
    with house.services.store.reading() as session:
        states = [each.state for each in house.services.alerts.history(session, alert.alert_id)]
    assert states == [AlertState.RAISED, AlertState.ACKNOWLEDGED, AlertState.RESOLVED]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR, Role.STAKEHOLDER, Role.APPROVER])
def test_who_handles_no_alerts_is_refused(house: Watch, role: Role) -> None:
    house.drift(0.3, 0.3)
    (alert,) = house.open()
    pat = person(house.services, "Pat Person", role)
    tomorrow = house.services.clock.now() + DAY
    for act in (
        lambda: house.services.alerts.acknowledge(pat, alert.alert_id),
        lambda: house.services.alerts.snooze(pat, alert.alert_id, tomorrow),
        lambda: house.services.alerts.resolve(pat, alert.alert_id, "Enough."),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert house.open() == [alert]


def test_a_snoozed_alert_wakes_when_it_is_not_calm_by_then(house: Watch) -> None:
    house.drift(0.3, 0.3)
    (alert,) = house.open()
    now = house.services.clock.now()
    house.services.alerts.snooze(house.olga, alert.alert_id, now + 1.5 * DAY, "A known campaign.")
    house.drift(0.3)
    assert house.open()[0].state is AlertState.SNOOZED
    house.drift(0.3)
    (awake,) = house.open()
    assert (awake.state, awake.snoozed_until, awake.handled_by) == (AlertState.RAISED, None, None)
    assert sorted(house.told()[2:]) == [("reminder", "pager"), ("reminder", "slack")]
    assert len(house.events("raised")) == 2


def test_a_snoozed_alert_that_grows_calm_is_over(house: Watch) -> None:
    house.drift(0.3, 0.3)
    (alert,) = house.open()
    until = house.services.clock.now() + 20 * DAY
    house.services.alerts.snooze(house.olga, alert.alert_id, until)
    house.drift(0.1, 0.1)
    assert house.open() == []


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_nobody_snoozes_into_the_past_or_for_ever(house: Watch, days: int) -> None:
    house.drift(0.3, 0.3)
    (alert,) = house.open()
    until = house.services.clock.now() + days * DAY
    with pytest.raises(InvalidInput, match="30 days"):
        house.services.alerts.snooze(house.olga, alert.alert_id, until)


def test_what_was_closed_by_hand_is_not_raised_again_by_the_same_windows(house: Watch) -> None:
    house.drift(0.3, 0.3, 0.3)
    (alert,) = house.open()
    with pytest.raises(InvalidInput, match="Say why"):
        house.services.alerts.resolve(house.olga, alert.alert_id, "  ")
    house.services.alerts.resolve(house.olga, alert.alert_id, "The new rate table is right.")
    house.services.clock.advance(25 * HOUR)
    house.services.alerts.look()
    assert "drift" not in {each.rule for each in house.open()}
    house.drift(0.3)
    assert "drift" in {each.rule for each in house.open()}
    with pytest.raises(InvalidTransition):
        house.services.alerts.acknowledge(house.olga, alert.alert_id)


def slow(house: Watch, value: float) -> None:
    """Let five minutes pass and file their latency; then look as every minute does."""
    start = house.services.clock.now()
    house.services.clock.advance(300)
    number = WindowMetric(start, start + timedelta(minutes=5), "service.latency_p95_ms", value, 80)
    house.file(start, number, rows=80, granularity=Granularity.FIVE_MINUTES)
    house.services.alerts.look(hurried=True)


def test_within_the_cool_down_nothing_is_raised_again(house: Watch) -> None:
    slow(house, 180)
    slow(house, 90)
    assert [each.how for each in house.all()] == ["clear"]
    slow(house, 180)
    assert house.open() == []
    house.services.clock.advance(HOUR)
    slow(house, 180)
    assert len(house.open()) == 1


def test_silence_is_an_alert_and_ends_with_the_first_row(house: Watch) -> None:
    house.drift(0.1)
    last = midnight(house.services.clock)
    house.services.clock.advance(
        (last + timedelta(hours=26) - house.services.clock.now()).total_seconds()
    )
    assert house.services.alerts.look(hurried=True) == []
    house.services.clock.advance(1)
    (alert,) = house.services.alerts.look(hurried=True)
    assert (alert.rule, alert.limit) == ("silence", "≤ 26.00")
    house.file(midnight(house.services.clock), rows=1)
    (over,) = house.services.alerts.look(hurried=True)
    assert over.how == "clear"


def accuracy(house: Watch, value: float) -> None:
    """File what the version showed on its evaluation set."""
    number = Measurement("performance.accuracy", "", value, "1", 796, value - 0.02, value + 0.02)
    data = (EvidenceInput("evaluation", "cd" * 32, 796),)
    reading = Reading(
        EvidenceKind.PERFORMANCE, "performance/1", {"accuracy": value}, (number,), data
    )
    with house.services.store.unit(SYSTEM) as unit:
        made = Producer("task-accuracy", "0.1.0")
        house.services.evidence.file(unit, house.monitor.ref, reading, made)


def test_a_drop_below_what_the_version_showed_is_found(house: Watch) -> None:
    accuracy(house, 0.78)
    start = midnight(house.services.clock)
    house.services.clock.advance(DAY.total_seconds())
    house.file(start, WindowMetric(start, start + DAY, "performance.accuracy", 0.70, 900))
    with house.services.store.reading() as session:
        judged = house.services.alerts.judgements(session, house.monitor)
    readings = {rule.id: found.reading for rule, found in judged}
    assert readings == {"worse": JudgedAs.FIRING, "silence": JudgedAs.CLEAR}
    house.services.alerts.look()
    (alert,) = house.open()
    assert (alert.rule, alert.limit) == ("worse", "≥ 0.741 (0.95 of 0.78)")


def test_reminders_go_until_somebody_acknowledges(services: Any) -> None:
    house = watch(services, remind_hours=4)
    house.drift(0.3, 0.3)
    for _ in range(8):
        services.clock.advance(HOUR)
        services.alerts.look(hurried=True)
    told = [event for event, channel in house.told() if channel == "slack"]
    assert told == ["raised", "reminder", "reminder"]
    services.alerts.acknowledge(house.olga, house.open()[0].alert_id)
    services.clock.advance(8 * HOUR)
    services.alerts.look(hurried=True)
    assert [event for event, channel in house.told() if channel == "slack"] == told


def test_a_channel_that_does_not_exist_or_is_off_is_told_nothing(services: Any) -> None:
    house = watch(services, channels=False)
    house.drift(0.3, 0.3)
    assert len(house.open()) == 1
    assert house.told() == []


def test_a_version_that_serves_no_more_has_no_open_alerts(house: Watch) -> None:
    house.drift(0.3, 0.3)
    now = house.services.clock.now()
    with house.services.store.operational() as session:
        house.services.windows.end(session, house.monitor.monitor_id, now)
    (over,) = house.services.alerts.look()
    assert over.how == "version ended"


def test_another_version_moves_no_alert_of_this_one(house: Watch) -> None:
    house.drift(0.3, 0.3)
    with house.services.store.reading() as session:
        ref = house.services.registry.ref(session, NAME, 2)
    other = monitor_of(ref, midnight(house.services.clock))
    with house.services.store.operational() as session:
        house.services.windows.begin(session, other, [])
    for day in (2, 1):
        start = midnight(house.services.clock) - day * DAY
        calm = WindowMetric(start, start + DAY, "drift.ks", 0.05, 900, feature="hrat")
        house.file(start, calm, monitor=other)
    assert house.services.alerts.look() == []
    assert [each.ref.version for each in house.open()] == [1]


def test_a_rule_that_was_taken_away_ends_its_alerts(house: Watch) -> None:
    house.drift(0.3, 0.3)
    lines = (POLICY % (3, 0)).splitlines(keepends=True)
    text = "".join(line for line in lines if "id: drift" not in line)
    house.services.policies.publish(SYSTEM, text.encode())
    (over,) = house.services.alerts.look(hurried=True)
    assert over.how == "rule removed"


def test_the_next_fault_is_another_alert(house: Watch) -> None:
    house.drift(0.3, 0.3, 0.1, 0.1, 0.1, 0.3, 0.3)
    first, second = house.all()
    assert first.alert_id != second.alert_id
    assert (first.is_open, second.is_open) == (False, True)


def test_how_fast_faults_are_found_and_mended_is_known(house: Watch) -> None:
    began = house.services.clock.now()
    house.drift(0.3, 0.3, 0.1, 0.1)
    with house.services.store.reading() as session:
        figures = house.services.alerts.figures(session, began)
    offset = began - midnight(FixedClock(began))
    assert (figures.raised, figures.resolved) == (1, 1)
    assert figures.detection == DAY + offset
    assert figures.recovery == figures.recovery_median == 2 * DAY
    assert figures.detection_median == figures.detection
    with house.services.store.reading() as session:
        nobody = house.services.alerts.figures(session, began, {"another"})
    assert nobody == Figures(0, 0, None, None, None, None)


def test_the_page_says_unknown_where_no_fault_was_found_or_mended() -> None:
    none = alerts_view.pace_of(Figures(0, 0, None, None, None, None))
    assert set(none.values()) == {"unknown · n = 0"}
    some = Figures(3, 2, 3 * DAY, DAY, DAY, DAY / 24)
    assert alerts_view.pace_of(some) == {
        "Time to detect": "1 day · median of n = 3, mean 3 days",
        "Time to recover": "1 hour · median of n = 2, mean 1 day",
    }


def test_a_day_of_five_minute_windows_is_one_alert_from_beginning_to_end(house: Watch) -> None:
    values = [90.0] * 100 + [180.0] * 30 + [100.0] * 5 + [95.0] * 100
    for value in values:
        slow(house, value)
    (alert,) = [each for each in house.all() if each.rule == "slow"]
    assert alert.raised_at - alert.breached_at == timedelta()
    assert alert.resolved_at is not None
    assert alert.resolved_at - alert.raised_at == timedelta(minutes=5 * 35)


def test_after_a_restart_the_same_alert_stands(house: Watch, tmp_path: Path) -> None:
    house.drift(0.3, 0.3)
    s = house.services
    again = type(s.alerts)(
        s.store, s.tasks, s.authority, s.governance, s.policies, windows=s.windows,
        judging=Judging(s.windows, s.evidence, s.targets), channels=s.channels,
    )  # fmt: skip
    assert again.look() == []
    assert len(house.told()) == 2


def test_there_is_no_such_alert(house: Watch) -> None:
    with house.services.store.reading() as session:
        with pytest.raises(NotFound):
            house.services.alerts.by_id(session, "none")
        with pytest.raises(InvalidInput, match="acknowledged"):
            house.services.alerts.find(session, state="lost")


def test_as_it_stood_then(house: Watch) -> None:
    house.drift(0.3, 0.3)
    then = house.services.clock.now()
    house.drift(0.1, 0.1)
    with house.services.store.reading() as session:
        assert house.services.alerts.open(session) == []
        assert len(house.services.alerts.open(session, at=then)) == 1


def test_a_look_reads_the_last_alert_of_each_series_and_not_all_that_ever_were(
    services: Any, house: Watch
) -> None:
    for _ in range(3):
        house.drift(0.3, 0.3, 0.1, 0.1, 0.1)
    house.drift(0.3, 0.3, feature="sex")
    raised = [each for each in house.all() if each.rule == "drift"]
    assert [each.feature for each in raised] == ["hrat", "hrat", "hrat", "sex"]
    with services.store.reading() as session:
        last = [each for each in repository.latest(session, NAME) if each.rule == "drift"]
    assert [each.alert_id for each in last] == [each.alert_id for each in raised[-2:]]


def test_a_day_that_is_not_over_is_judged_by_how_it_is_served_alone(
    services: Any, house: Watch
) -> None:
    policy = POLICY % (3, 0)
    errors = "    - {id: errors, metric: service.error_rate, over: 0.02, min_n: 1}\n"
    services.policies.publish(SYSTEM, (policy.replace("windows: 2 of 3, ", "") + errors).encode())
    start = midnight(services.clock)
    moved = WindowMetric(start, start + DAY, "drift.ks", 0.4, 900, feature="hrat", lo=0.4, hi=0.4)
    failing = WindowMetric(start, start + DAY, "service.error_rate", 0.3, 900, lo=0.27, hi=0.33)
    house.file(start, moved, failing)
    house.services.alerts.look()
    assert [each.rule for each in house.open()] == ["errors"]
    services.clock.advance((start + DAY - services.clock.now()).total_seconds())
    house.services.alerts.look()
    assert sorted(each.rule for each in house.open()) == ["drift", "errors"]


def test_an_alert_of_one_version_hides_none_of_another_that_serves(
    services: Any, house: Watch
) -> None:
    house.drift(0.3, 0.3)
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 2)
    other = monitor_of(ref, midnight(services.clock) - 9 * DAY)
    with services.store.operational() as session:
        services.windows.begin(session, other, [])
    for days in (2, 1):
        start = midnight(services.clock) - days * DAY
        house.file(
            start,
            WindowMetric(start, start + DAY, "drift.ks", 0.4, 900, feature="hrat", lo=0.4, hi=0.4),
            monitor=other,
        )
    services.alerts.look()
    services.alerts.look()
    found = sorted((each.ref.version, each.rule) for each in house.open() if each.rule == "drift")
    assert found == [(1, "drift"), (2, "drift")]
