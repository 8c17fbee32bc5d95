"""Windows begin on the clock and leave no gap."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.facts.window.rules import window_of, windows_between
from services.facts.window.types import Granularity

INSTANTS = st.datetimes(
    min_value=datetime(1982, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)


@given(INSTANTS, st.sampled_from(list(Granularity)))
def test_an_instant_lies_in_its_window_and_the_next_begins_where_it_ends(
    instant: datetime, granularity: Granularity
) -> None:
    window = window_of(instant, granularity)
    assert window.covers(instant)
    assert window_of(window.start, granularity) == window
    assert window_of(window.end - timedelta(microseconds=1), granularity) == window
    assert window_of(window.end, granularity).start == window.end


@pytest.mark.parametrize(
    ("granularity", "start", "end"),
    [
        (Granularity.FIVE_MINUTES, "2024-02-29T23:55", "2024-03-01T00:00"),
        (Granularity.HOUR, "2024-02-29T23:00", "2024-03-01T00:00"),
        (Granularity.DAY, "2024-02-29T00:00", "2024-03-01T00:00"),
        (Granularity.MONTH, "2024-02-01T00:00", "2024-03-01T00:00"),
        (Granularity.YEAR, "2024-01-01T00:00", "2025-01-01T00:00"),
    ],
)
def test_the_last_minute_of_a_leap_february(granularity: Granularity, start: str, end: str) -> None:
    window = window_of(datetime(2024, 2, 29, 23, 57, tzinfo=UTC), granularity)
    assert window.start == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert window.end == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_a_stretch_is_covered_whole_and_an_empty_one_by_nothing() -> None:
    start = datetime(2026, 1, 30, 5, tzinfo=UTC)
    found = windows_between(start, start + timedelta(days=3), Granularity.DAY)
    assert [each.start.day for each in found] == [30, 31, 1, 2]
    assert windows_between(start, start, Granularity.DAY) == []
