"""Looking again where something changed finds what looking everywhere finds."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.facts.window.types import Granularity, Monitor, Seen
from services.kernel.clock import FixedClock
from services.record.trail.unit_of_work import Store
from services.workflows.monitoring.plan import due
from services.workflows.monitoring.types import Due
from services.workflows.monitoring.watch import Watch
from tests.support.console_services import NAME
from tests.support.watched import Day, Tower, open_tower, world
from tests.support.watching import monitor_of

FIRST = date(2026, 1, 20)


class Counted:
    """Days of production of which only the counts are known."""

    def __init__(self) -> None:
        self.days: dict[date, Day] = {}
        self.asked: list[date] = []

    def come(self, day: date, rows: int, labelled: int = 0) -> None:
        """Let rows and outcomes of a day come in."""
        was = self.days.get(day, Day(day, 0, 0, ""))
        rows, labelled = was.rows + rows, was.labelled + labelled
        self.days[day] = Day(day, rows, labelled, f"{rows}.{labelled}")

    def tallies(self, model: str, since: date) -> list[Day]:
        del model
        self.asked.append(since)
        return [each for day, each in sorted(self.days.items()) if day >= since]

    def states(self, model: str) -> dict[date, str]:
        del model
        return {day: each.stamp for day, each in sorted(self.days.items())}


class House:
    """A watched version, its days, and who looks: always anew, or from where it was left."""

    def __init__(self, tower: Tower, granularity: Granularity, clock: FixedClock) -> None:
        self.services, self.rows, self.clock = tower.services, Counted(), clock
        with self.services.store.reading() as session:
            ref = self.services.registry.ref(session, NAME, 1)
        began = datetime(2026, 1, 25, tzinfo=UTC)
        held = monitor_of(ref, began)
        self.monitor = Monitor(
            held.monitor_id, ref, granularity, held.task, held.columns, held.reference_sha256,
            held.reference_rows, began,
        )  # fmt: skip
        with self.services.store.operational() as session:
            self.services.windows.begin(session, self.monitor, [])
        self.watch = self.looking()

    def looking(self) -> Watch:
        its = self.services
        return Watch(
            its.store, its.tasks, its.registry, its.governance, its.windows, rows=self.rows,  # type: ignore[arg-type]
            has_evaluation=lambda *_: True,
        )  # fmt: skip

    def due(self) -> list[Due]:
        with self.services.store.reading() as session:
            seen = self.services.windows.seen(session, self.monitor)
        return due(
            self.rows.tallies("", date.min), seen, self.monitor.granularity, self.clock.now(),
            self.monitor.made_at,
        )  # fmt: skip

    def measure(self) -> None:
        """Measure everything that is due, as the worker would."""
        now = self.clock.now()
        with self.services.store.operational() as session:
            for w in self.due():
                span = w.period.start, w.period.end
                seen = Seen(*span, w.rows, w.labelled, w.stamp, now, w.closed)
                self.services.windows.file(
                    session, self.monitor.monitor_id, self.monitor.granularity, seen, [], []
                )


@pytest.fixture
def tower(sqlite_store: Store, tmp_path: Path, clock: FixedClock) -> Tower:
    return open_tower(sqlite_store, tmp_path, clock)


@pytest.mark.parametrize("granularity", [Granularity.HOUR, Granularity.DAY, Granularity.MONTH])
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_the_same_is_found_as_by_looking_at_everything(
    tower: Tower, clock: FixedClock, granularity: Granularity, seed: int
) -> None:
    drawn, house = random.Random(seed), House(tower, granularity, clock)
    found = set[bool]()
    for _ in range(80):
        today = clock.now().date()
        any_day = FIRST + timedelta(days=drawn.randrange((today - FIRST).days + 1))
        match drawn.randrange(7):
            case 0:
                house.rows.come(today, 5)
            case 1:
                house.rows.come(any_day, 1)
            case 2 if any_day in house.rows.days:
                house.rows.come(any_day, 0, 1)
            case 3:
                clock.advance(drawn.choice([30, 200, 4_000, 90_000]))
            case 4 if drawn.random() < 0.2:
                clock.advance(-drawn.choice([60, 100_000]))
            case _:
                house.measure()
        wanted = bool(house.watch.unasked())
        assert wanted == bool(house.looking().unasked()) == bool(house.due())
        found.add(wanted)
    assert found == {True, False}


def test_where_nothing_changed_nothing_is_read_and_one_day_is_one_day(
    tower: Tower, clock: FixedClock
) -> None:
    house = House(tower, Granularity.DAY, clock)
    for n in range(40):
        house.rows.come(FIRST + timedelta(days=n), 900)
    house.measure()
    today = clock.now().date()
    house.rows.come(today, 900)
    house.measure()
    assert house.watch.unasked() == []
    house.rows.asked.clear()
    assert (house.watch.unasked(), house.rows.asked) == ([], [])
    late = FIRST + timedelta(days=30)
    house.rows.come(late, 1)
    assert (len(house.watch.unasked()), house.rows.asked) == (1, [late])


def test_a_clock_that_is_set_back_loses_nothing_and_measures_no_window_twice(
    tower: Tower, clock: FixedClock
) -> None:
    days = [date(2026, 3, day) for day in (11, 12, 13, 14)]
    for day in days:
        tower.log.add(day, world(300, day.day))
    tower.run()

    def requests() -> dict[date, float | None]:
        found = tower.numbers("service.requests")
        assert len({each.start for each in found}) == len(found)
        return {each.start.date(): each.value for each in found}

    before = requests()
    assert list(before) == days
    clock.advance(-2 * 86_400)
    with capture_logs() as told:
        tower.run()
    assert [each["event"] for each in told if each["log_level"] == "warning"] == [
        "the clock was set back"
    ]
    assert requests() == before
    with tower.services.store.reading() as session:
        (monitor,) = tower.services.windows.monitors(session)
        assert tower.services.alerts.open(session) == []
        seen = tower.services.windows.seen(session, monitor)
    assert len(seen) == len(days)
    tower.log.add(days[0], world(400, 1))  # late rows, while the clock is wrong
    tower.log.add(days[1], world(500, 2))
    tower.run()
    clock.advance(2 * 86_400 + 600)
    with capture_logs() as told:
        tower.run()
    assert [each for each in told if each["log_level"] == "warning"] == []
    assert requests() == {**before, days[0]: 400.0, days[1]: 500.0}
    assert tower.watch.unasked() == []
