"""What nobody prepared: a column by day and any segment, rows, and samples."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.facts.prediction.filing import Filing
from services.facts.prediction.fsspec_adapter import PartFolder
from services.facts.prediction.journal import Journal
from services.facts.prediction.questions import PredictionQuestions
from services.facts.prediction.types import Stream
from services.kernel.error import IntegrityBroken, InvalidInput, SourceUnavailable
from services.record.trail.unit_of_work import Store
from tests.integration.predictions.conftest import sent

AT = datetime(2026, 3, 14, 23, 59, 59, tzinfo=UTC)
DAY = AT.date()
NEXT = DAY + timedelta(days=1)
Keep = Callable[..., None]


@pytest.fixture
def flights(journal: Journal) -> None:
    rows = [
        ("1", AT, 10.5, "UA"), ("2", AT, None, "UA"), ("3", AT, 7, "DL"), ("4", AT, 1, None),
        ("5", AT + timedelta(seconds=1), 3, "UA"), ("6", AT + timedelta(hours=1), "hot", 9),
    ]  # fmt: skip
    for name, at, temperature, carrier in rows:
        row = {
            "prediction_id": name, "at": at.isoformat(), "version": 1,
            "features": {"temp": temperature}, "segments": {"carrier": carrier},
        }  # fmt: skip
        journal.keep("m", Stream.PREDICTIONS, at.date(), sent(Stream.PREDICTIONS, row), at)


def told(reader: PredictionQuestions, **other: Any) -> list[tuple[Any, ...]]:
    asked: dict[str, Any] = {"since": DAY, "until": NEXT, **other}
    held = reader.breakdown("m", "f_temp", "s_carrier", **asked)
    return [tuple(each.values()) for each in held.to_pylist()]


EXPECTED = [
    (DAY, "DL", 1, [7.0]),
    (DAY, "UA", 2, [10.5, None]),
    (NEXT, "9", 1, [None]),
    (NEXT, "UA", 1, [3.0]),
]


@pytest.mark.parametrize("filed", [(), (DAY,), (DAY, NEXT)])
@pytest.mark.usefixtures("flights")
def test_any_column_splits_any_other_wherever_the_rows_are(
    reader: PredictionQuestions, filing: Filing, filed: tuple[date, ...]
) -> None:
    for day in filed:
        assert filing.file("m", Stream.PREDICTIONS, day)
    assert told(reader) == EXPECTED
    assert told(reader, most=1) == [EXPECTED[1], EXPECTED[3]]
    assert told(reader, until=DAY) == EXPECTED[:2]
    words = [row[3] for row in told(reader, kind="category")]
    assert words == [["7"], ["10.5", None], ["hot"], ["3"]]


@pytest.mark.usefixtures("flights")
def test_a_question_may_be_about_one_version(
    reader: PredictionQuestions, filing: Filing, journal: Journal
) -> None:
    row = {
        "prediction_id": "8", "at": AT.isoformat(), "version": 2,
        "features": {"temp": 99}, "segments": {"carrier": "UA"},
    }  # fmt: skip
    journal.keep("m", Stream.PREDICTIONS, DAY, sent(Stream.PREDICTIONS, row), AT)
    end = AT + timedelta(days=1)
    for _ in range(2):
        assert told(reader, version=1) == EXPECTED
        assert told(reader, version=2) == [(DAY, "UA", 1, [99.0])]
        assert told(reader, version=3) == []
        assert reader.rows("m", DAY, version=2).column("prediction_id").to_pylist() == ["8"]
        assert reader.sample("m", AT, end, version=2).column("f_temp").to_pylist() == [99.0]
        assert reader.sample("m", AT, end, version=3).num_rows == 0
        filing.file("m", Stream.PREDICTIONS, DAY)


@pytest.mark.usefixtures("flights")
def test_rows_that_wait_beside_files_of_their_day_are_asked_once(
    reader: PredictionQuestions, filing: Filing, predicted: Keep
) -> None:
    assert filing.file("m", Stream.PREDICTIONS, DAY)
    predicted(AT, "7", temp=1)
    assert told(reader) == EXPECTED


@pytest.mark.usefixtures("flights")
def test_files_in_another_place_are_asked_there(sqlite_store: Store, journal: Journal) -> None:
    folder = PartFolder("memory://asked")
    for day in (DAY, NEXT):
        Filing(sqlite_store, journal, folder).file("m", Stream.PREDICTIONS, day)
    assert told(PredictionQuestions(sqlite_store, journal, folder)) == EXPECTED


@pytest.mark.usefixtures("flights")
def test_a_column_that_no_row_has_and_a_name_with_quotes_are_said(
    reader: PredictionQuestions, filing: Filing
) -> None:
    for _ in range(2):
        with pytest.raises(InvalidInput, match="No row has"):
            reader.breakdown("m", "f_temp", 's_x"; DROP', since=DAY, until=NEXT)
        filing.file("m", Stream.PREDICTIONS, DAY)
    assert reader.breakdown("nobody", "f_temp", "s_carrier", since=DAY, until=NEXT).num_rows == 0


@pytest.mark.usefixtures("flights")
def test_a_file_that_is_damaged_or_gone_is_said(
    reader: PredictionQuestions, filing: Filing, tmp_path: Path
) -> None:
    file = filing.file("m", Stream.PREDICTIONS, DAY)
    assert file
    path = tmp_path / "predictions" / file.path
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(IntegrityBroken):
        told(reader)
    path.unlink()
    with pytest.raises(SourceUnavailable):
        told(reader)


@pytest.mark.usefixtures("flights")
def test_rows_of_a_segment_are_shown_by_time(reader: PredictionQuestions) -> None:
    assert reader.rows("m", DAY, "carrier=UA").column("prediction_id").to_pylist() == ["1", "2"]
    assert reader.rows("m", DAY, limit=1).num_rows == 1
    assert reader.rows("m", NEXT, "s_carrier=9&temp=hot").num_rows == 1
    with pytest.raises(InvalidInput, match="altitude"):
        reader.rows("m", DAY, "altitude=1")


def test_a_sample_is_the_same_for_the_same_seed_and_lies_in_its_period(
    reader: PredictionQuestions, filing: Filing, predicted: Keep
) -> None:
    for day in range(3):
        predicted(AT + timedelta(days=day), *(f"{day}-{n}" for n in range(50)), x=day)
    start, end = AT, AT + timedelta(days=2)
    drawn = reader.sample("m", start, end, n=30, seed=7)
    assert drawn.num_rows == 30
    assert set(drawn.column("f_x").to_pylist()) == {0, 1}
    assert filing.file("m", Stream.PREDICTIONS, DAY)
    assert reader.sample("m", start, end, n=30, seed=7).equals(drawn)
    assert not reader.sample("m", start, end, n=30, seed=8).equals(drawn)
    assert reader.sample("m", start, end).num_rows == 100
    assert reader.sample("m", start, end, "x=1").num_rows == 50
    assert reader.sample("nobody", start, end).num_rows == 0


@pytest.mark.parametrize("filed", [(), (DAY,), (DAY, NEXT)])
def test_the_same_question_is_known_wherever_its_rows_are(
    reader: PredictionQuestions, filing: Filing, journal: Journal, filed: tuple[date, ...]
) -> None:
    asked = [
        (DAY, 7, "UA", 10.0), (DAY, 7.0, "UA", 20.0), (DAY, 8, "UA", 30.0), (DAY, None, "UA", None),
        (NEXT, 7, "UA", 40.0), (NEXT, 7, None, 50.0),
    ]  # fmt: skip
    for number, (day, temperature, carrier, latency) in enumerate(asked):
        at = datetime(day.year, day.month, day.day, 9, number, tzinfo=UTC)
        row = {
            "prediction_id": str(number), "at": at.isoformat(), "version": 1, "latency_ms": latency,
            "features": {"temp": temperature, "carrier": carrier},
        }  # fmt: skip
        journal.keep("m", Stream.PREDICTIONS, day, sent(Stream.PREDICTIONS, row), at)
    other = {"prediction_id": "x", "at": datetime(2026, 3, 14, 1, tzinfo=UTC).isoformat(), "version": 2, "input_sha256": "ab" * 32}  # fmt: skip
    for name in ("x", "y"):
        row = {**other, "prediction_id": name}
        journal.keep("m", Stream.PREDICTIONS, DAY, sent(Stream.PREDICTIONS, row), AT)
    for day in filed:
        assert filing.file("m", Stream.PREDICTIONS, day)
    first, second = reader.asked("m", since=DAY, until=NEXT)
    assert (first.version, first.n, first.comparable) == (1, 6, 6)
    assert first.distinct == 4  # 7 and 7.0 are one, whatever file they stand in
    assert first.distinct_by_day == 5
    assert (first.seconds, first.p50_ms, first.timed) == (0.03, 30.0, 5)
    assert sum(first.hours.values()) == 6
    assert (second.version, second.n, second.distinct, second.seconds) == (2, 2, 1, None)
    assert reader.asked("nobody", since=DAY, until=NEXT) == []
