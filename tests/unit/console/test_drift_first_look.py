"""What a drift page shows when nothing was chosen: windows that are open, silent, or alike by nature."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from console.figures.windows import over_windows
from console.views.drift import view
from console.views.drift.bars import largest_share
from console.views.drift.replies import raw_rows
from console.views.drift.view import DriftView
from services.facts.drift import rules
from services.facts.drift.codec import pack_profile, unpack_binning
from services.facts.window.types import Seen, StoredProfile
from services.kernel.clock import FixedClock
from services.kernel.identity import Role
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from services.workflows.feed.types import Feed
from tests.support.console_services import NAME, govern, open_services, person
from tests.support.windows import FIRST, watch

DAY = timedelta(days=1)


@pytest.fixture
def services(sqlite_store: Store, tmp_path: Path, clock: FixedClock) -> Any:
    return open_services(sqlite_store, tmp_path, clock)


@pytest.fixture
def owner(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER)
    govern(services, made)
    return made


def page(services: Any, who: Principal, **query: str) -> DriftView:
    found = view.load(services, who, {"name": NAME, **query})
    assert found is not None
    return found


def remark(found: DriftView) -> str:
    assert found.pair is not None
    return found.pair.remark


def see(services: Any, day: int, rows: int, *, closed: bool) -> None:
    start = FIRST + day * DAY
    seen = Seen(start, start + DAY, rows, 0, f"s{day}", start + DAY, closed)
    with services.store.reading() as session:
        monitor = services.windows.of_model(session, NAME)[0]
    with services.store.operational() as session:
        services.windows.file(session, monitor.monitor_id, monitor.granularity, seen, [], [])


def test_the_newest_closed_window_with_rows_is_looked_at_first(
    services: Any, owner: Principal
) -> None:
    watch(services, days=5)
    see(services, 5, 0, closed=True)
    see(services, 6, 3, closed=False)
    found = page(services, owner)
    assert found.asked is not None
    assert found.asked.window.start == FIRST + 4 * DAY
    assert found.pair is not None
    assert found.pair.shapes is not None
    assert found.bar.freshness == (
        "newest with rows 5 Feb 2026, n = 900; 1 window without rows since; 7 Feb 2026 is still open"
    )
    assert found.bar.windows[2] == ((FIRST + 4 * DAY).isoformat(), "5 Feb 2026, n = 900")


def test_a_window_that_is_still_open_is_neither_a_gap_nor_the_end_of_a_line(
    services: Any, owner: Principal
) -> None:
    watch(services, days=5)
    see(services, 5, 0, closed=False)
    found = page(services, owner)
    assert found.badges == (("pass", "Within the limit"),)
    assert found.picture is not None
    course = found.picture.course
    assert course.open_at == FIRST + 5 * DAY
    line = course.lines[0]
    told = replace(course, lines=(replace(line, points=(*line.points[:-1], replace(line.points[-1], value=0.1))),))  # fmt: skip
    chart = over_windows(told, "light")
    assert chart.data[-2].y[-1] is None
    assert (chart.data[-1].marker.symbol, list(chart.data[-1].y)) == ("circle-open", [0.1])
    assert "so far" in {note.text for note in chart.layout.annotations}


def test_a_stretch_without_any_row_ends_where_rows_came_last(
    services: Any, owner: Principal
) -> None:
    watch(services, days=5)
    for day in range(5, 40):
        see(services, day, 0, closed=True)
    found = page(services, owner)
    assert found.picture is not None
    assert len(found.picture.columns) == 5
    assert "35 windows without rows since" in found.bar.freshness


@pytest.mark.parametrize(
    ("told_until", "words"),
    [
        (
            date(2026, 3, 1),
            "Still held back: 4 real days, one told each midnight until 5 Mar 2026.",
        ),
        (date(2026, 3, 5), "All of it was told, up to 5 Mar 2026: no more rows come"),
    ],
)
def test_a_replayed_stream_says_how_much_of_it_is_to_come(
    services: Any, owner: Principal, told_until: date, words: str
) -> None:
    watch(services, days=2)
    last = date(2026, 3, 5)
    services.feeds.begin(Feed(NAME, 7, date(2026, 2, 1), last, last, "Real rows.", told_until))
    found = page(services, owner)
    assert found.note.startswith("Simulated stream from real rows.")
    assert words in found.note


def test_a_window_in_which_nearly_all_rows_have_one_value_says_what_that_may_mean() -> None:
    days = np.arange(7.0).repeat(100)
    binning = rules.numeric_binning(days)
    profiles = [
        rules.profile_batch(pa.record_batch({"x": v}), {"x": binning})["x"]
        for v in (days, np.array([5.0] * 87 + [4.0] * 13), np.array([99.0] * 50))
    ]
    shares = [largest_share(binning, each) for each in profiles]
    assert shares == pytest.approx([1 / 7, 0.87, 0.0])
    names = rules.category_binning(["a", "b", "c"] * 40)
    new = rules.profile_batch(pa.record_batch({"x": ["new"] * 9 + ["a"]}), {"x": names})["x"]
    assert largest_share(names, new) == pytest.approx(0.1)


def test_such_a_window_is_remarked_and_another_is_not(services: Any, owner: Principal) -> None:
    monitor, start = watch(services, days=2), FIRST + 2 * DAY
    assert remark(page(services, owner, feature="carrier")) == ""
    with services.store.reading() as session:
        stored = services.windows.binning(session, monitor.monitor_id, "carrier")
    binning = unpack_binning(stored.binning)
    batch = pa.record_batch({"carrier": ["UA"] * 300})
    profile = pack_profile(rules.profile_batch(batch, {"carrier": binning})["carrier"])
    seen = Seen(start, start + DAY, 300, 0, "s2", start + DAY, closed=True)
    held = [StoredProfile(start, "carrier", "", 300, profile)]
    with services.store.operational() as session:
        services.windows.file(session, monitor.monitor_id, monitor.granularity, seen, held, [])
    found = page(services, owner, feature="carrier", window=start.isoformat())
    assert remark(found).startswith("100 % of the rows have one value.")


def test_raw_rows_begin_with_the_answer_and_leave_out_what_nobody_said() -> None:
    columns = ["arm", "error_type", "f_age", "prediction_id", "score"]
    rows = [["stable", None, 3, "p-1", 0.5], ["stable", None, None, "p-2", None]]
    order, told = raw_rows({"columns": columns, "rows": rows})
    assert order == ("prediction_id", "score", "f_age", "arm")
    assert told == (("p-1", 0.5, 3, "stable"), ("p-2", None, None, "stable"))
    assert raw_rows({"columns": columns, "rows": []}) == (tuple(columns), ())
