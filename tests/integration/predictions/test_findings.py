"""What is stored although something is wrong with it, and how that is seen."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.facts.prediction.filing import Filing
from services.facts.prediction.journal import Journal
from services.facts.prediction.pace import Pace
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.service import PredictionLog
from services.facts.prediction.types import Custody, Stream
from services.kernel.clock import FixedClock

AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
P, O = Stream.PREDICTIONS, Stream.OUTCOMES  # noqa: E741
Keep = Callable[..., None]


@pytest.fixture
def predictions(journal: Journal, clock: FixedClock) -> PredictionLog:
    return PredictionLog(journal, clock, b"secret", Pace())


def row(name: str, at: datetime = AT, **other: Any) -> dict[str, Any]:
    return {"prediction_id": name, "at": at.isoformat(), "version": 1, **other}


def found(predictions: PredictionLog, stream: Stream = P) -> list[dict[str, int]]:
    return [dict(each.findings) for each in predictions.count("m", stream)]


def test_rows_of_a_version_that_does_not_exist_are_kept_and_counted_once(
    predictions: PredictionLog,
) -> None:
    rows = [row("a"), row("b", version=9)]
    for _ in range(2):
        predictions.ingest("t", "m", P, rows, versions=frozenset({1, 2}))
    assert found(predictions) == [{"unknown_version": 1}]
    assert predictions.count("m", P)[0].rows == 2
    predictions.ingest("t", "m", P, [row("c", version=9)])  # nobody looked
    assert found(predictions) == [{"unknown_version": 1}]


def test_rows_that_come_after_their_day_was_written_are_late(
    predictions: PredictionLog, filing: Filing, clock: FixedClock
) -> None:
    predictions.ingest("t", "m", P, [row("a")])
    assert filing.file("m", P, AT.date())
    predictions.ingest("t", "m", P, [row("b")])  # the day is not over
    assert found(predictions) == [{}]
    clock.advance(2 * 86_400)
    predictions.ingest("t", "m", P, [row("a"), row("c")])
    assert found(predictions) == [{"late": 1}]


def test_outcomes_without_a_prediction_are_orphans_until_it_comes(
    predictions: PredictionLog, reader: PredictionReader
) -> None:
    outcomes = [
        {"prediction_id": each, "at": AT.isoformat(), "outcome": 1, "source": "x"} for each in "ab"
    ]
    predictions.ingest("t", "m", O, outcomes)
    predictions.ingest("t", "m", P, [row("a")])
    reader.tallies("m")
    assert found(predictions, O) == [{"orphan": 1}]
    predictions.ingest("t", "m", P, [row("b")])
    reader.tallies("m")
    assert found(predictions, O) == [{}]


def test_columns_that_come_go_or_change_their_kind_are_schema_drift(
    predictions: PredictionLog,
) -> None:
    tomorrow = AT - timedelta(days=1), AT
    predictions.ingest("t", "m", P, [row("a", tomorrow[0], features={"x": 1, "y": 2, "z": None})])
    predictions.ingest("t", "m", P, [row("b", features={"x": 1.5, "y": "two", "z": "new"})])
    assert found(predictions) == [{}, {"schema_drift": 2}]
    predictions.ingest("t", "m", P, [row("c", features={"x": "three"}, error_type="odd")])
    assert found(predictions)[1] == {"schema_drift": 3}


def test_a_caller_beyond_its_limit_is_counted_row_by_row(predictions: PredictionLog) -> None:
    custody = Custody(caller_limit=3)
    for start in (0, 2, 4):
        rows = [row(str(n), caller="mallory") for n in range(start, start + 2)]
        predictions.ingest("t", "m", P, [*rows, row(f"x{start}", caller="alice")], custody=custody)
    assert found(predictions) == [{"caller_over_limit": 3}]


def test_a_contradiction_is_one_finding_however_often_it_is_sent(
    predictions: PredictionLog,
) -> None:
    predictions.ingest("t", "m", P, [row("a", score=0.1)])
    for _ in range(3):
        predictions.ingest("t", "m", P, [row("a", score=0.2)])
    assert found(predictions) == [{"contradicting": 1}]
