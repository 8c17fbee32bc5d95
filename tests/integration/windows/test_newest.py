"""What many monitors last showed, read at once, on both engines."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from services.facts.window.service import Windows
from services.facts.window.types import Granularity, Monitor, Seen, Watched, WindowMetric
from services.kernel.identity import ModelRef
from services.record.trail.unit_of_work import Store

AT = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def monitor(name: str, granularity: Granularity = Granularity.DAY) -> Monitor:
    ref = ModelRef("default", "default", name, 1, f"run-{name}", "models:/x")
    columns = (Watched("age", "f_age", "number"),)
    return Monitor(f"m-{name}", ref, granularity, "classification", columns, "ab" * 32, 100, AT)


def file(store: Store, its: Monitor, day: int, *, rows: int = 500, labelled: int = 0, closed: bool = True) -> None:  # fmt: skip
    start = AT + day * DAY
    numbers = [
        WindowMetric(start, start + DAY, "drift.ks", day / 10, rows, "age"),
        WindowMetric(start, start + DAY, "drift.ks", 0.9, rows, "age", "carrier=UA"),
        WindowMetric(start, start + DAY, "performance.accuracy", 0.8, labelled),
    ]
    seen = Seen(start, start + DAY, rows, labelled, f"s{day}", start + DAY, closed)
    with store.operational() as session:
        Windows().file(session, its.monitor_id, its.granularity, seen, [], numbers)


@pytest.fixture
def watched(store: Store) -> list[Monitor]:
    made = [monitor("a"), monitor("b"), monitor("silent")]
    with store.operational() as session:
        for each in made:
            Windows().begin(session, each, [])
    return made


def test_the_newest_closed_window_counts_and_the_newest_with_outcomes(
    store: Store, watched: list[Monitor]
) -> None:
    for day in range(4):
        file(store, watched[0], day, labelled=400 if day < 2 else 0, closed=day < 3)
    file(store, watched[1], 0)
    metrics = ("drift.ks", "performance.accuracy")
    with store.reading() as session:
        found = Windows().newest(session, watched, metrics)
        last = Windows().last(session, watched)
    assert [(n.start - AT, n.metric, n.value) for n in found["m-a"] if n.metric == "drift.ks"] == [
        (DAY, "drift.ks", 0.1), (2 * DAY, "drift.ks", 0.2),
    ]  # fmt: skip
    assert {n.start for n in found["m-b"]} == {AT}
    assert found["m-silent"] == []
    assert {key: each.start for key, each in last.items()} == {"m-a": AT + 3 * DAY, "m-b": AT}


def test_windows_without_rows_and_of_another_length_are_passed_over(
    store: Store, watched: list[Monitor]
) -> None:
    file(store, watched[0], 0)
    file(store, watched[0], 1, rows=0)
    short = Seen(AT + 2 * DAY, AT + 2 * DAY + timedelta(minutes=5), 50, 0, "s", AT + 2 * DAY, closed=True)  # fmt: skip
    with store.operational() as session:
        Windows().file(session, "m-a", Granularity.FIVE_MINUTES, short, [], [])
    with store.reading() as session:
        assert {n.start for n in Windows().newest(session, watched, ("drift.ks",))["m-a"]} == {AT}
        assert Windows().last(session, watched)["m-a"].start == AT


def test_rows_of_all_windows_are_added_up_from_an_index_alone(
    store: Store, watched: list[Monitor]
) -> None:
    for day in range(3):
        file(store, watched[0], day, rows=500, labelled=100 * day)
    file(store, watched[0], 2, rows=600, labelled=300)  # measured again
    file(store, watched[1], 0)
    with store.reading() as session:
        found = Windows().totals(session, watched)
        if session.get_bind().dialect.name == "sqlite":
            asked = "SELECT sum(rows), sum(labelled) FROM window_seen WHERE monitor_id = 'm-a' AND granularity = 'day'"
            plan = session.execute(sa.text(f"EXPLAIN QUERY PLAN {asked}")).all()
            assert "COVERING INDEX ix_window_seen_counted" in str(plan)
    assert found == {"m-a": (1_600, 400), "m-b": (500, 0)}
