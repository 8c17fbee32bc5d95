"""What serving costs: by the time of requests, or by the time servers were there."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.facts.cost import serving
from services.facts.cost.hardware import Hardware, read
from services.facts.cost.serving import Day, Hosts, Served
from services.facts.cost.types import Allocation, CostKind, Method
from tests.unit.facts.test_hardware import prices

MIDNIGHT = datetime(2026, 3, 14, tzinfo=UTC)
TWO = Hardware(parts=Allocation(2, 4))
"""Two processors and 4 GB: 0.10 USD an hour."""
DAY = Day("loan", date(2026, 3, 14), "lending", (Served(3, 7_200, Decimal(3_600)), Served(2, 800, Decimal(400))))  # fmt: skip


def every(minutes: int, n: int, share: float) -> list[tuple[datetime, float]]:
    return [(MIDNIGHT + timedelta(minutes=minutes * i), share) for i in range(n)]


def test_a_day_costs_the_time_of_its_requests_on_the_declared_hardware() -> None:
    found = serving.charge(DAY, {3: TWO, 2: TWO, None: TWO}, prices)
    assert {v: sum(e.amount.micros for e in lines if e.amount) for v, lines in found.items()} == {
        3: 100_000, 2: 11_111,
    }  # fmt: skip
    first, second = found[3]
    assert (first.source_id, first.requests, second.requests) == ("serving:loan:3:2026-03-14:cpu", 7_200, None)  # fmt: skip
    assert first.estimated
    assert (first.method, first.kind) == (Method.REQUESTS, CostKind.SERVING)


def test_hardware_that_answers_several_at_once_costs_each_less() -> None:
    wide = Day("loan", DAY.day, "", DAY.served, concurrency=Decimal(4))
    assert serving.charge(wide, {3: TWO, 2: TWO, None: TWO}, prices)[3][0].use.quantity == Decimal("0.5")  # fmt: skip


def test_without_declared_hardware_or_latencies_it_is_unpriced_and_counted() -> None:
    [line] = serving.charge(DAY, {3: Hardware(), 2: TWO, None: TWO}, prices)[3]
    assert (line.amount, line.use.unit, line.use.quantity, line.requests) == (None, "request-hour", 1, 7_200)  # fmt: skip
    blind = Day("loan", DAY.day, "", (Served(3, 10, None),))
    lines = serving.charge(blind, {3: TWO, None: TWO}, prices)[3]
    assert [each.amount for each in lines] == [None, None]
    assert lines[0].requests == 10


def test_servers_that_report_are_paid_for_while_they_are_there_in_use_or_idle() -> None:
    there = Day("loan", DAY.day, "", DAY.served, Hosts(Decimal(24), Decimal("0.25")))
    found = serving.charge(there, {3: TWO, 2: TWO, None: TWO}, prices)
    hours = {v: lines[0].use.quantity for v, lines in found.items()}
    assert hours == {3: Decimal("10.8"), 2: Decimal("1.2"), None: 36}
    total = sum(e.amount.micros for lines in found.values() for e in lines if e.amount)
    assert total == 24 * 100_000
    assert [e.kind for e in found[None]] == [CostKind.IDLE] * 2
    assert not any(e.estimated for lines in found.values() for e in lines)
    assert found[3][0].source_id == "host:loan:3:2026-03-14:cpu"
    empty = Day("loan", DAY.day, "", (), Hosts(Decimal(2), Decimal("0.5")))
    assert serving.charge(empty, {None: TWO}, prices)[None][0].use.quantity == 4


@pytest.mark.parametrize(
    ("values", "hours", "busy"),
    [
        (every(5, 13, 0.5), Decimal(1), Decimal("0.5")),
        ([*every(5, 7, 0.2), (MIDNIGHT + timedelta(hours=9), 1.0)], Decimal("0.5"), Decimal("0.2")),
    ],
)
def test_a_server_was_there_between_reports_that_follow_each_other(
    values: list[tuple[datetime, float]], hours: Decimal, busy: Decimal
) -> None:
    assert serving.reported(values) == Hosts(hours, busy)


def test_a_server_that_reported_once_is_not_known_to_have_been_there() -> None:
    assert serving.reported(every(5, 1, 0.5)) is None
    assert serving.reported(every(20, 30, 0.5)) is None


def test_names_that_are_long_still_make_a_source() -> None:
    day = Day("m" * 300, DAY.day, "", ())
    assert len(day.source("serving", 12, "x" * 120)) <= 200
    assert day.source("serving", 1, "cpu") != Day("m" * 299, DAY.day, "", ()).source("serving", 1, "cpu")  # fmt: skip


def test_tags_of_a_model_say_what_it_is_served_by() -> None:
    tags = {"countersign.serving.instance_type": "m5.large", "instance_type": "other", "countersign.serving.instances": "2"}  # fmt: skip
    found = read(tags, prefix=serving.PREFIX)
    assert (found.instance, found.count) == ("m5.large", 2)
    assert not read({"instance_type": "m5.large"}, prefix=serving.PREFIX).is_said
