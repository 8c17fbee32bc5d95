"""A day is read as typed columns, each prediction with the outcome that was received last."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from services.facts.prediction import segment
from services.facts.prediction.journal import Journal
from services.facts.prediction.matching import likely
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.types import DayTally, Row, Stream

AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
DAY = AT.date()
LATER = AT + timedelta(days=2)
Keep = Callable[..., None]


def test_a_day_has_typed_columns_in_the_order_of_time(
    reader: PredictionReader, predicted: Keep
) -> None:
    predicted(AT + timedelta(hours=1), "a", age=41, income=10.5, region="N", open=True)
    predicted(AT, "b", "c", age=40, income=9, region=None, open=False)
    held = reader.day("m", DAY)
    assert held.column("prediction_id").to_pylist() == ["b", "c", "a"]
    assert held.schema.field("at").type == pa.timestamp("us", "UTC")
    kinds = {name: str(held.schema.field(f"f_{name}").type) for name in ("age", "income", "region")}
    assert kinds == {"age": "int64", "income": "double", "region": "string"}
    assert held.column("f_open").to_pylist() == [False, False, True]
    assert held.column("outcome").null_count == 3
    assert reader.days("m") == [DAY]


def test_mixed_kinds_become_text_and_an_empty_column_becomes_numbers_that_are_missing(
    reader: PredictionReader, predicted: Keep
) -> None:
    predicted(AT, "a", x=1.0, gone=float("nan"), huge=2**70, wild=float("inf"))
    predicted(AT, "b", x="one", gone=None, huge=1, wild=0)
    held = reader.day("m", DAY)
    assert held.column("f_x").to_pylist() == ["1", "one"]
    assert (held.column("f_gone").type, held.column("f_gone").null_count) == (pa.float64(), 2)
    assert held.column("f_huge").to_pylist() == [2.0**70, 1.0]
    assert held.column("f_wild").to_pylist() == [float("inf"), 0.0]


def test_the_outcome_received_last_counts_and_as_of_looks_back(
    reader: PredictionReader, predicted: Keep, came_true: Keep
) -> None:
    predicted(AT, "a", "b")
    predicted(AT, "late", received=AT + timedelta(days=1))
    came_true(LATER, a=1)
    came_true(LATER + timedelta(days=9), a=0)
    held = reader.day("m", DAY)
    assert held.select(["prediction_id", "outcome"]).to_pydict() == {
        "prediction_id": ["a", "b", "late"],
        "outcome": [0, None, None],
    }
    assert held.column("outcome_received_at")[0].as_py() == LATER + timedelta(days=9)
    then = reader.day("m", DAY, as_of=LATER)
    assert then.column("outcome").to_pylist() == [1, None, None]
    assert reader.day("m", DAY, as_of=AT).column("prediction_id").to_pylist() == ["a", "b"]
    assert reader.day("m", DAY, as_of=AT - timedelta(days=1)).num_rows == 0


def test_of_two_outcomes_in_one_batch_the_later_counts(
    reader: PredictionReader, predicted: Keep, journal: Journal
) -> None:
    predicted(AT, "a", "b")
    rows = [
        Row("b", LATER, {"at": LATER.isoformat(), "outcome": each, "source": "x"})
        for each in (1, 0)
    ]
    journal.keep("m", Stream.OUTCOMES, LATER.date(), rows, LATER)
    assert reader.day("m", DAY).column("outcome").to_pylist() == [None, 0]


def test_only_the_columns_that_are_asked_for_are_read(
    reader: PredictionReader, predicted: Keep
) -> None:
    predicted(AT, "a", x=1, y=2)
    assert reader.day("m", DAY, ["f_y", "f_absent"]).schema.names == [
        "at", "f_y", "prediction_id", "received_at", "outcome", "outcome_at", "outcome_received_at",
    ]  # fmt: skip
    assert reader.day("m", date(2020, 1, 1)).num_rows == 0
    assert reader.day("unheard of", DAY).num_rows == 0


def test_a_stamp_changes_when_predictions_or_outcomes_come_in_and_only_then(
    reader: PredictionReader, predicted: Keep, came_true: Keep
) -> None:
    predicted(AT, "a", "b")
    predicted(AT + timedelta(days=1), "c")
    first, other = reader.tallies("m", DAY)
    assert (first.rows, first.labelled, other.rows) == (2, 0, 1)
    assert reader.tallies("m", DAY) == [first, other]
    came_true(LATER, a=1)
    second, still = reader.tallies("m", DAY)
    assert (second.labelled, still) == (1, other)
    assert second.stamp != first.stamp
    came_true(LATER + timedelta(days=1), a=0)  # labelled again: the same count, another stamp
    (third, _) = reader.tallies("m", DAY)
    assert third.labelled == 1
    assert third.stamp not in (first.stamp, second.stamp)
    predicted(AT, "a")  # a duplicate
    assert reader.tallies("m", DAY) == [third, other]
    predicted(AT, "z")
    assert reader.tallies("m", DAY)[0].stamp != third.stamp
    assert reader.tallies("m", DAY + timedelta(days=1)) == [other]


def test_an_outcome_that_comes_before_its_prediction_waits_for_it(
    reader: PredictionReader, predicted: Keep, came_true: Keep
) -> None:
    predicted(AT, "a")
    came_true(LATER, early=1, never=0)
    assert reader.tallies("m", DAY)[0].labelled == 0
    predicted(AT, "early")
    assert reader.tallies("m", DAY)[0] == DayTally(DAY, 2, 1, "2.1.0")
    assert reader.day("m", DAY).column("outcome").to_pylist() == [None, 1]


def test_recent_answers_are_those_from_an_instant_on(
    reader: PredictionReader, predicted: Keep
) -> None:
    predicted(AT - timedelta(hours=12), "yesterday")
    predicted(AT, "old")
    predicted(AT + timedelta(seconds=0.5), "new")
    found = reader.recent("m", AT + timedelta(seconds=0.2))
    assert found.column("prediction_id").to_pylist() == ["new"]
    assert reader.recent("m", AT - timedelta(days=1)).num_rows == 3
    assert reader.recent("m", LATER).num_rows == 0


def test_a_segment_of_the_first_form_is_brought_to_this_one(
    journal: Journal, reader: PredictionReader, predicted: Keep
) -> None:
    path = journal.path("m", Stream.PREDICTIONS, DAY)
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as old:
        old.executescript(
            """CREATE TABLE row (prediction_id TEXT NOT NULL, mark BLOB NOT NULL, at TEXT NOT NULL,
               received_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (prediction_id, mark))
               WITHOUT ROWID;
               CREATE TABLE contradiction (prediction_id TEXT NOT NULL, mark BLOB NOT NULL,
               received_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (prediction_id, mark))
               WITHOUT ROWID; PRAGMA user_version=1;"""
        )
        body = f'{{"at":"{AT.isoformat()}","f_x":3,"prediction_id":"a"}}'
        values = ("a", b"1", AT.isoformat(), AT.isoformat(), body)
        old.execute("INSERT INTO row VALUES (?, ?, ?, ?, ?)", values)
        old.commit()
    predicted(AT, "b", x=4)
    assert reader.day("m", DAY).column("f_x").to_pylist() == [3, 4]
    assert journal.tally("m", Stream.PREDICTIONS, DAY)["rows"] == 2


def test_a_search_that_was_cut_off_is_done_again_and_counts_once(
    journal: Journal,
    reader: PredictionReader,
    predicted: Keep,
    came_true: Keep,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    predicted(AT, "a")
    predicted(AT + timedelta(days=1), "b")
    came_true(LATER, a=1, b=0)

    def cut(*_: object) -> None:
        raise KeyError

    with monkeypatch.context() as patched, pytest.raises(KeyError):
        patched.setattr(segment, "count", cut)
        reader.tallies("m", DAY)
    assert [each.labelled for each in reader.tallies("m", DAY)] == [1, 1]
    assert [each.labelled for each in reader.tallies("m", DAY)] == [1, 1]


def test_an_outcome_is_looked_for_back_from_the_day_it_arrived_and_only_then_ahead() -> None:
    days = [date(2026, 3, day) for day in (10, 11, 12, 14, 15)]
    order = [each.day for each in likely(days, date(2026, 3, 13))]
    assert order == [12, 11, 10, 14, 15]
    assert likely([], date(2026, 3, 13)) == []
