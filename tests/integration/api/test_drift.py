"""What production showed, over HTTP and on the command line: the same numbers as in the store."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.api.drift_routes import chosen
from services.facts.evidence.types import MeasurementStatus
from services.facts.window.service import Windows
from services.facts.window.types import Granularity, Monitor, Seen, Watched, WindowMetric
from services.kernel.error import NotFound
from tests.integration.api.conftest import AT, Client, bearer, ref

DAY = datetime(2026, 3, 13, tzinfo=UTC)


def window(day: datetime, value: float | None, **more: Any) -> WindowMetric:
    status = MeasurementStatus.OK if value is not None else MeasurementStatus.TOO_FEW
    return WindowMetric(
        day, day + timedelta(days=1), "drift.ks", value, more.pop("n", 900),
        feature=more.pop("feature", "temp"), status=status, method="certified", **more,
    )  # fmt: skip


@pytest.fixture
def ask(world: Any, api: Client) -> Callable[[str], httpx.Response]:
    windows, store = Windows(), world.store
    world.windows = windows
    monitor = Monitor(
        "m-1", ref("a", 1), Granularity.DAY, "classification", (Watched("temp", "f_temp", "number"),),
        "a" * 64, 4_000, AT, note="simulated",
    )  # fmt: skip
    with store.operational() as session:
        windows.begin(session, monitor, [])
        for days, value in ((1, 0.31), (2, None)):
            start = DAY - timedelta(days=days - 1)
            seen = Seen(start, start + timedelta(days=1), 900, 0, "1", AT, closed=True)
            number = window(start, value, lo=value, hi=value and value + 0.001, floor=0.05)
            windows.file(session, "m-1", Granularity.DAY, seen, [], [number])
    headers = bearer(world, "models:read")
    return lambda query: api.get(f"/api/v1/models/a/drift{query}", headers=headers)


def test_a_window_is_named_by_a_day_and_its_numbers_say_how_sure_they_are(
    ask: Callable[[str], httpx.Response],
) -> None:
    answer = ask("?feature=temp&window=2026-03-13")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["version"], told["granularity"], told["note"]) == (1, "day", "simulated")
    (number,) = told["numbers"]
    assert number == {
        "window": "2026-03-13T00:00:00Z", "window_end": "2026-03-14T00:00:00Z",
        "metric": "drift.ks", "value": 0.31, "n": 900, "feature": "temp", "segment": "",
        "lo": 0.31, "hi": 0.311, "floor": 0.05, "status": "ok", "method": "certified", "coverage": None,
    }  # fmt: skip


def test_without_a_window_the_last_month_is_told_and_what_is_too_few_has_no_value(
    ask: Callable[[str], httpx.Response],
) -> None:
    numbers = ask("").json()["numbers"]
    assert [(each["window"][:10], each["value"], each["status"]) for each in numbers] == [
        ("2026-03-12", None, "too_few"),
        ("2026-03-13", 0.31, "ok"),
    ]


def test_what_nobody_watches_is_not_found_in_words(ask: Callable[[str], httpx.Response]) -> None:
    answer = ask("?version=2")
    assert answer.status_code == 404
    assert "is not watched" in answer.json()["detail"]
    with pytest.raises(NotFound, match="its run logged no evaluation set"):
        chosen([], "b", None)


def test_of_a_model_watched_by_the_hour_the_last_two_days_are_told(
    ask: Callable[[str], httpx.Response], world: Any
) -> None:
    hour, watched = timedelta(hours=1), (Watched("temp", "f_temp", "number"),)
    monitor = Monitor(
        "m-2", ref("a", 10), Granularity.HOUR, "classification", watched, "a" * 64, 4_000, AT
    )
    with world.store.operational() as session:
        world.windows.begin(session, monitor, [])
        for hours in (1, 47, 49):
            start = AT - hours * hour
            number = WindowMetric(start, start + hour, "drift.ks", 0.1, 900, feature="temp")
            seen = Seen(start, start + hour, 900, 0, "1", AT, closed=True)
            world.windows.file(session, "m-2", Granularity.HOUR, seen, [], [number])
    told = [each["window"] for each in ask("?version=10").json()["numbers"]]
    assert told == ["2026-03-12T10:00:00Z", "2026-03-14T08:00:00Z"]
