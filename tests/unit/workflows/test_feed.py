"""When which day of a stream is told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.kernel.error import InvalidInput
from services.workflows.feed.rules import begin, due, parse, plan_text, waiting
from services.workflows.feed.types import Plan, Span

PLAN = Plan("shifted by {days} days", "the airport", date(2013, 11, 30))
SPAN = Span(date(2013, 3, 1), date(2013, 12, 31), date(2014, 1, 2))
TODAY = date(2026, 3, 14)
DAY = timedelta(days=1)


def test_the_history_ends_yesterday_and_the_rest_is_held_back() -> None:
    feed = begin("m", PLAN, SPAN, TODAY)
    assert due(feed, TODAY) == (feed.first, TODAY - DAY)
    assert (TODAY - DAY - feed.first).days == (date(2013, 11, 30) - date(2013, 3, 1)).days
    assert replace(feed, told_until=TODAY - DAY).days_left == 31
    assert feed.note == f"shifted by {(TODAY - DAY - date(2013, 11, 30)).days:,} days"


def test_a_day_is_told_when_it_is_over_and_once() -> None:
    feed = replace(begin("m", PLAN, SPAN, TODAY), told_until=TODAY - DAY)
    assert due(feed, TODAY) is None
    assert due(feed, TODAY + DAY) == (TODAY, TODAY)
    assert due(replace(feed, told_until=TODAY), TODAY + DAY) is None


def test_days_that_were_missed_are_told_together() -> None:
    feed = replace(begin("m", PLAN, SPAN, TODAY), told_until=TODAY - DAY)
    assert due(feed, TODAY + 5 * DAY) == (TODAY, TODAY + 4 * DAY)


def test_when_it_is_used_up_only_the_last_outcomes_follow_and_then_nothing() -> None:
    feed = begin("m", PLAN, SPAN, TODAY)
    spent = replace(feed, told_until=feed.last)
    later = feed.last + 10 * DAY
    assert spent.days_left == 0
    assert due(spent, later) == (feed.last + DAY, feed.last_outcome)
    assert due(replace(spent, told_until=feed.last_outcome), later) is None


def test_a_clock_set_back_tells_nothing_again() -> None:
    feed = replace(begin("m", PLAN, SPAN, TODAY), told_until=TODAY - DAY)
    assert due(feed, TODAY - 20 * DAY) is None


def test_a_stream_with_its_own_dates_is_told_at_once() -> None:
    years = Span(date(1982, 7, 1), date(1987, 7, 1), date(1987, 12, 31))
    feed = begin("m", Plan("own dates", "survey"), years, TODAY)
    assert (feed.shift_days, due(feed, TODAY)) == (0, (date(1982, 7, 1), date(1987, 12, 31)))


def test_only_days_that_hold_something_are_waited_for_oldest_first() -> None:
    feed = replace(begin("m", PLAN, SPAN, TODAY), told_until=TODAY - 3 * DAY)
    held = {TODAY, TODAY - DAY, TODAY - 2 * DAY, TODAY - 9 * DAY}
    assert waiting(feed, TODAY, held) == [TODAY - 2 * DAY, TODAY - DAY]
    assert waiting(replace(feed, told_until=TODAY - DAY), TODAY, held) == []


def test_a_history_that_ends_outside_the_stream_is_refused() -> None:
    with pytest.raises(InvalidInput, match="outside its days"):
        begin("m", replace(PLAN, history_until=date(2014, 1, 1)), SPAN, TODAY)


@pytest.mark.parametrize("plan", [PLAN, Plan("n", "s")])
def test_a_plan_is_read_as_it_was_written(plan: Plan) -> None:
    assert parse(plan_text(plan)) == plan


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": "replay/2", "note": "", "source": "", "history_until": null}',
     '{"schema": "replay/1", "note": "", "source": "", "history_until": "soon"}'],
)  # fmt: skip
def test_a_plan_that_cannot_be_read_names_its_file(text: str) -> None:
    with pytest.raises(InvalidInput, match="replay/replay.json"):
        parse(text)
