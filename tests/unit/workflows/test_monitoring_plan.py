"""Which windows must be measured."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.facts.window.types import Granularity, Seen
from services.workflows.monitoring.plan import NO_ROWS, due
from services.workflows.monitoring.types import Due

NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)
DAY = Granularity.DAY
SINCE = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Day:
    day: date
    rows: int
    labelled: int = 0
    stamp: str = "1"


def seen(due: Due, measured_at: datetime = NOW) -> Seen:
    period = due.period
    return Seen(
        period.start, period.end, due.rows, due.labelled, due.stamp, measured_at, due.closed
    )


def test_a_log_without_rows_asks_for_nothing() -> None:
    assert due([], [], DAY, NOW, SINCE) == []


def test_every_window_from_the_first_row_to_now_is_measured_once_silent_ones_too() -> None:
    days = [Day(date(2026, 3, 11), 900, 900), Day(date(2026, 3, 13), 800)]
    found = due(days, [], DAY, NOW, SINCE)
    assert [(w.period.start.day, w.rows, w.closed) for w in found] == [
        (11, 900, True),
        (12, 0, True),
        (13, 800, True),
        (14, 0, False),
    ]
    assert found[1].stamp == NO_ROWS
    assert found[1].days == ()
    assert due(days, [seen(w) for w in found], DAY, NOW, SINCE) == []


def test_a_window_whose_rows_changed_is_measured_again_and_no_other() -> None:
    days = [Day(date(2026, 3, 12), 900), Day(date(2026, 3, 13), 800)]
    known = [seen(w) for w in due(days, [], DAY, NOW, SINCE)]
    later = [Day(date(2026, 3, 12), 900, labelled=850, stamp="2"), days[1]]
    found = due(later, known, DAY, NOW, SINCE)
    assert [(w.period.start.day, w.labelled) for w in found] == [(12, 850)]


def test_an_open_window_waits_and_a_window_that_closed_is_measured_at_once() -> None:
    days = [Day(date(2026, 3, 14), 10)]
    known = [seen(w) for w in due(days, [], DAY, NOW, SINCE)]
    more = [Day(date(2026, 3, 14), 20, stamp="2")]
    assert due(more, known, DAY, NOW + timedelta(minutes=4), SINCE) == []
    assert len(due(more, known, DAY, NOW + timedelta(minutes=5), SINCE)) == 1
    after = datetime(2026, 3, 15, 0, 1, tzinfo=UTC)
    assert [w.closed for w in due(days, known, DAY, after, SINCE)] == [True, False]


def test_a_day_counts_for_every_hour_and_for_its_month_and_year() -> None:
    days = [Day(date(2026, 3, 13), 800)]
    hours = due(days, [], Granularity.HOUR, NOW, SINCE)
    assert [w.days for w in hours[:24]] == [(date(2026, 3, 13),)] * 24
    for long in (Granularity.MONTH, Granularity.YEAR):
        (window,) = due([*days, Day(date(2026, 3, 14), 5)], [], long, NOW, SINCE)
        assert (window.rows, window.closed) == (805, False)


def test_a_stream_that_ended_before_anybody_watched_is_over_and_not_silent() -> None:
    days = [Day(date(2024, 5, 1), 500), Day(date(2026, 1, 20), 500)]
    found = due(days, [], Granularity.YEAR, NOW, NOW)
    assert [(w.period.start.year, w.rows) for w in found] == [(2024, 500), (2025, 0), (2026, 500)]
    ended = due(days[:1], [], Granularity.YEAR, NOW, NOW)
    assert [w.period.start.year for w in ended] == [2024, 2026]
    assert not ended[-1].closed
    watched = due(days[:1], [], Granularity.YEAR, NOW, datetime(2024, 6, 1, tzinfo=UTC))
    assert [w.period.start.year for w in watched] == [2024, 2025, 2026]
