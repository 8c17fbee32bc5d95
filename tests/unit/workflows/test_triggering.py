"""When a schedule was due: in its time zone, once over the change of clocks, once for all that was missed."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.decisions.retraining.types import Cause, Ticket, TicketState, Trigger
from services.kernel.error import NotFound, SourceUnavailable
from services.standards.policy.training import Retraining, TriggerRule
from services.workflows.triggering.rules import last_due, of_data, of_labels, of_schedule
from services.workflows.triggering.service import Rooms, Triggers
from services.workflows.triggering.types import Newest
from tests.support.tickets import DATA

DUBLIN = "Europe/Dublin"
PLAN = Retraining(
    on={
        Trigger.SCHEDULE: TriggerRule(Trigger.SCHEDULE),
        Trigger.LABELS: TriggerRule(Trigger.LABELS, rows=500),
    },
    schedule="30 1 * * *",
    timezone=DUBLIN,
)
TICKET = Ticket(
    "t", "m", "champion", None, Cause(Trigger.MANUAL, "manual:m:1", "It is old."), "loans", 3,
    "ab" * 32, {}, "local", DATA, None, "", TicketState.NO_BETTER, "", "p-olga",
    datetime(2026, 1, 1, tzinfo=UTC), "It is old.",
)  # fmt: skip
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def keys(start: datetime, hours: int) -> list[str]:
    """Return the keys of the causes of every quarter of an hour, each once, in their order."""
    found: dict[str, None] = {}
    for quarter in range(hours * 4):
        cause = of_schedule("m", PLAN, LONG_AGO, start + timedelta(minutes=15 * quarter))
        assert cause is not None
        found[cause.key.rpartition("m:")[2]] = None
    return list(found)


def test_an_hour_that_comes_twice_is_one_cause() -> None:
    assert keys(datetime(2026, 10, 24, 12, tzinfo=UTC), 48) == [
        "2026-10-24T01:30", "2026-10-25T01:30", "2026-10-26T01:30",
    ]  # fmt: skip


def test_an_hour_that_is_left_out_is_one_cause_at_most() -> None:
    found = keys(datetime(2026, 3, 28, 12, tzinfo=UTC), 48)
    days = [key[:10] for key in found]
    assert days == sorted(set(days)), found
    assert {"2026-03-28", "2026-03-30"} <= set(days)


def test_what_was_missed_for_a_month_is_due_once() -> None:
    now = datetime(2026, 6, 30, 12, tzinfo=UTC)
    cause = of_schedule("m", PLAN, now - timedelta(days=30), now)
    assert cause is not None
    assert cause.key == "schedule:m:2026-06-30T01:30"


def test_what_was_due_before_the_policy_held_is_not_made_up_for() -> None:
    now = datetime(2026, 6, 30, 12, tzinfo=UTC)
    assert of_schedule("m", PLAN, now - timedelta(hours=3), now) is None
    assert of_schedule("m", replace(PLAN, schedule=""), LONG_AGO, now) is None


@pytest.mark.parametrize("seconds", [0, 30])
def test_the_minute_itself_is_due(seconds: int) -> None:
    now = datetime(2026, 1, 5, 3, 0, seconds, tzinfo=UTC)
    assert last_due("0 3 * * 1", "UTC", now) == datetime(2026, 1, 5, 3, tzinfo=UTC)


def test_few_outcomes_ask_for_nothing_and_many_ask_once() -> None:
    assert of_labels("m", PLAN, 499, 2) is None
    first, more = of_labels("m", PLAN, 500, 2), of_labels("m", PLAN, 900, 2)
    assert first is not None
    assert more is not None
    assert first.key == more.key
    assert of_labels("m", Retraining(), 10_000, 0) is None


def test_a_snapshot_asks_when_the_last_ticket_trained_on_another() -> None:
    now = datetime(2026, 6, 30, tzinfo=UTC)
    assert of_data("m", Newest("ab" * 32), None, now) is None
    assert of_data("m", None, TICKET, now) is None
    assert of_data("m", Newest(DATA.sha256), TICKET, now) is None
    cause = of_data("m", Newest("ab" * 32), TICKET, now)
    assert cause is not None
    assert cause.trigger is Trigger.DATA


def test_a_source_that_nobody_pins_asks_when_its_rows_are_others_than_before() -> None:
    now, first = datetime(2026, 6, 30, tzinfo=UTC), "cd" * 32
    assert of_data("m", Newest(first, first, 900), None, now) is None
    assert of_data("m", Newest(DATA.sha256, first, 900), TICKET, now) is None
    for last in (None, TICKET):
        cause = of_data("m", Newest("ab" * 32, first, 1900), last, now)
        assert cause is not None
        assert cause.words == "The source of the training data has other rows now: 1,900."
        assert cause.key == f"data:m:{'ab' * 32}"


def test_where_a_recipe_says_how_old_rows_may_be_new_ones_ask_when_the_old_are_older() -> None:
    ends = datetime(2026, 5, 1, tzinfo=UTC)
    trained = replace(TICKET, data=replace(DATA, last_at=ends))
    fresh = Newest("ab" * 32, "cd" * 32, 1900, datetime(2026, 6, 10, tzinfo=UTC), 30)
    assert of_data("m", fresh, trained, ends + timedelta(days=29)) is None
    cause = of_data("m", fresh, trained, ends + timedelta(days=45))
    assert cause is not None
    assert "end on 01 May 2026, more than 30 days ago" in cause.words
    assert of_data("m", fresh, trained, ends + timedelta(days=90)) is None, "they are stale too"


class Shelf:
    """Governance of two models, of which one cannot be asked about; it opens nothing itself."""

    def reading(self) -> AbstractContextManager[None]:
        return nullcontext()

    @property
    def clock(self) -> Any:
        return SimpleNamespace(now=lambda: LONG_AGO)

    def all(self, session: Any) -> list[Any]:
        del session
        return [SimpleNamespace(name="broken"), SimpleNamespace(name="m")]

    def policy(self, session: Any, model: str, alias: str) -> Any:
        del session, alias
        if model == "broken":
            raise SourceUnavailable("The log of its predictions does not answer.")
        raise NotFound("No policy.")

    def held_back(self, session: Any) -> list[Any]:
        del session
        return []


def test_a_model_that_cannot_be_asked_about_keeps_no_other_waiting() -> None:
    shelf: Any = Shelf()
    rooms = Rooms(shelf, shelf, shelf, shelf, shelf, shelf, shelf, shelf)
    with capture_logs() as said:
        assert Triggers(rooms).look() == []
    assert [each["model"] for each in said] == ["broken"]
