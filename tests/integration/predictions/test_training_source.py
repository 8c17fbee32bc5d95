"""The prediction log as a source of training rows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from services.facts.prediction.reader import PredictionReader
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.logged import PredictionRows
from services.facts.training_data.types import Source, Window, WindowKind
from services.kernel.error import InvalidInput

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SOURCE = Source("predictions:m", "late", time="at", id="flight")
Keep = Callable[..., None]


@pytest.fixture
def told(predicted: Keep, came_true: Keep, reader: PredictionReader) -> TrainingRows:
    for number in range(6):
        at = AT + number * DAY
        predicted(at, f"f{number}", distance=100 + number, carrier="UA")
        came_true(at + DAY, **{f"f{number}": number % 2})
    predicted(AT + 6 * DAY, "unknown", distance=1, carrier="AA")
    return TrainingRows(PredictionRows(reader))


def test_answered_rows_with_outcomes_are_rows_to_train_on(told: TrainingRows) -> None:
    found = told.load(SOURCE)
    assert set(found.table.column_names) == {"distance", "carrier", "late", "at", "flight"}
    assert set(found.features) == {"distance", "carrier"}
    assert found.table.column("flight").to_pylist() == [f"f{i}" for i in range(6)]
    assert [int(each) for each in found.table.column("late").to_pylist()] == [0, 1] * 3
    assert (found.first_at, found.last_at) == (AT, AT + 5 * DAY)


def test_a_window_counts_back_from_the_newest_outcome(told: TrainingRows) -> None:
    window = Window(WindowKind.ROLLING, days=2)
    found = told.load(Source("predictions:m", "late", time="at", id="flight", window=window))
    assert found.table.column("flight").to_pylist() == ["f4", "f5"]
    until = Window(WindowKind.ROLLING, days=2, until=AT + 3 * DAY)
    earlier = told.load(Source("predictions:m", "late", time="at", id="flight", window=until))
    assert earlier.table.column("flight").to_pylist() == ["f1", "f2"]


def test_what_arrives_later_changes_the_rows_but_not_those_of_an_instant(
    told: TrainingRows, came_true: Keep
) -> None:
    quoted = AT + 10 * DAY
    before = told.load(SOURCE, quoted)
    assert told.load(SOURCE).sha256 == before.sha256
    came_true(quoted + DAY, unknown=1, f0=1)
    assert told.load(SOURCE).rows == 7
    assert told.load(SOURCE, quoted).sha256 == before.sha256


def test_a_log_without_outcomes_and_names_that_clash_are_refused(told: TrainingRows) -> None:
    with pytest.raises(InvalidInput, match="No outcome of nobody arrived yet"):
        told.load(Source("predictions:nobody", "late"))
    with pytest.raises(InvalidInput, match="'distance' already"):
        told.load(Source("predictions:m", "distance"))
