from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import format as said
from console.views.cost.quantity import few, per

NOW = datetime(2026, 3, 14, 9, 12, tzinfo=UTC)


def test_a_value_and_its_interval_have_the_same_decimals() -> None:
    assert said.interval(0.81, 0.7701, 0.85) == "0.810 [0.770, 0.850]"
    assert said.interval(123.456, 120.0, 130.2) == "123.5 [120.0, 130.2]"


def test_a_value_without_an_interval_stands_alone_and_none_is_a_dash() -> None:
    assert said.interval(0.5, None, None) == "0.500"
    assert said.interval(None, None, None) == "–"


def test_no_number_looks_as_if_it_were_on_its_limit_when_it_is_not() -> None:
    assert said.number(0.79996, limit=0.8) == "0.79996"
    assert said.number(0.8, limit=0.8) == "0.800"


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_rounding_never_moves_a_value_over_its_limit(value: float, limit: float) -> None:
    shown = float(said.number(value, limit=limit).replace("−", "-"))
    if abs(value - limit) > 1e-6:
        assert (shown > limit) == (value > limit) or shown == pytest.approx(limit, abs=5e-4)


def test_a_difference_of_shares_is_in_points_and_has_a_true_minus() -> None:
    assert said.points(0.02) == "+2 points"
    assert said.points(-0.021, 1) == "−2.1 points"


def test_a_share_is_a_fraction_below_and_per_cent_above() -> None:
    assert said.share(0.09) == "9 %"
    assert said.share(None) == "–"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "just now"),
        (61, "1 minute ago"),
        (7200, "2 hours ago"),
        (90_000, "yesterday"),
        (86_400 * 6, "6 days ago"),
        (86_400 * 60, "13 Jan 2026"),
    ],
)
def test_a_list_says_how_long_ago(seconds: int, words: str) -> None:
    assert said.ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_what_is_due_says_how_much_is_left_or_how_late_it_is() -> None:
    assert said.until(NOW + timedelta(days=2, hours=1), NOW) == "in 2 days"
    assert said.until(NOW + timedelta(hours=3), NOW) == "today"
    assert said.until(NOW - timedelta(days=3), NOW) == "3 days overdue"


def test_an_instant_is_in_utc_and_beside_it_on_the_readers_clock() -> None:
    zone = timezone(timedelta(hours=1))
    assert said.local(NOW, zone) == "14 Mar 2026, 09:12 UTC (10:12 here)"


def test_a_digest_stands_in_groups_of_eight() -> None:
    assert said.digest("7c1e09af52d488b1") == "7c1e09af 52d488b1"
    assert said.digest("7c1e09af52d488b1" * 4, 2) == "7c1e09af 52d488b1 …"
    assert said.digest(None) == "–"


def test_a_segment_is_read_aloud() -> None:
    assert said.segment("race=Black%20or%20African&sex=F") == "race Black or African, sex F"
    assert said.segment("") == "all rows"


@given(st.text(max_size=60))
def test_escaped_text_keeps_no_sign_that_markdown_would_act_on(text: str) -> None:
    escaped = said.plain(text)
    for place, sign in enumerate(escaped):
        if sign in "`*_[]()<>#!|~:$":
            before = len(escaped[:place]) - len(escaped[:place].rstrip("\\"))
            assert before % 2 == 1


def test_escaping_takes_away_what_turns_the_writing_direction() -> None:
    assert "\u202e" not in said.plain("a\u202eb")


def test_a_long_name_is_cut_in_its_middle_so_that_its_ends_tell_it_apart() -> None:
    cut = said.shortened("m" * 300 + "-two", 40)
    assert len(cut) <= 40
    assert cut.endswith("-two")


@pytest.mark.parametrize(
    ("granularity", "words"),
    [("year", "1982"), ("month", "Jan 1982"), ("day", "1 Jan 1982"), ("hour", "1 Jan, 00:00")],
)
def test_a_window_is_called_by_its_start(granularity: str, words: str) -> None:
    assert said.window(datetime(1982, 1, 1, tzinfo=UTC), granularity) == words


def test_how_long_something_took_is_told_to_a_tenth_of_its_unit() -> None:
    told = [
        said.lasting(timedelta(seconds=each))
        for each in (0, 59, 60, 90, 3_600, 9_000, 86_400, 10**6)
    ]
    assert told == [
        "under a minute", "under a minute", "1 minute", "1.5 minutes", "1 hour", "2.5 hours", "1 day",
        "11.6 days",
    ]  # fmt: skip


def test_a_quantity_too_small_for_its_decimals_is_never_nothing() -> None:
    assert few(Decimal("0.0004")) == "under 0.001"
    assert few(Decimal("1234.5")) == "1,234.500"
    assert few(Decimal(0)) == "0.000"


def test_a_price_names_its_unit_as_people_write_it() -> None:
    units = ("gpu-hour", "instance-hour", "1000-requests", "kwh")
    assert [per(each) for each in units] == [
        "a GPU-hour", "an instance-hour", "for 1,000 requests", "a kWh",
    ]  # fmt: skip
