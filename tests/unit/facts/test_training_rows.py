"""Training rows: read from anywhere, told by one digest, cut by a window."""

import hashlib
import sqlite3
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv, parquet

from services.facts.training_data import sql_adapter
from services.facts.training_data.columns import normalised
from services.facts.training_data.hashing import digest, marks
from services.facts.training_data.loading import TrainingRows, require
from services.facts.training_data.storing import store, stored, task_of
from services.facts.training_data.types import Source, Window, WindowKind
from services.kernel.error import (
    Conflict,
    IntegrityBroken,
    InvalidInput,
    NotFound,
    SourceUnavailable,
)
from services.record.canonical import canonical

START = datetime(2026, 1, 1, tzinfo=UTC)


class NoLog:
    """A deployment without a prediction log."""

    def rows(self, source: Source, model: str, as_of: datetime | None = None) -> pa.Table:
        raise InvalidInput(f"No outcome of {model} arrived yet.")


@pytest.fixture
def rows() -> TrainingRows:
    return TrainingRows(NoLog())


def flights(n: int = 50) -> pa.Table:
    random = np.random.default_rng(0)
    return pa.table(
        {
            "flight": [f"f{i}" for i in range(n)],
            "at": pa.array(
                [START + timedelta(days=i) for i in range(n)], pa.timestamp("us", "UTC")
            ),
            "distance": pa.array(random.integers(100, 3000, n)),
            "carrier": pa.array(random.choice(["UA", "AA"], n).tolist()).dictionary_encode(),
            "late": pa.array(random.integers(0, 2, n)),
        }
    )


def at(folder: Path, held: pa.Table, name: str = "train.parquet") -> str:
    place = folder / name
    if name.endswith(".csv"):
        csv.write_csv(normalised(held), place)
    else:
        parquet.write_table(held, place)
    return str(place)


def source(uri: str, **more: object) -> Source:
    return Source(uri, "late", time="at", id="flight", **more)  # type: ignore[arg-type]


def test_the_same_rows_have_the_same_digest_whatever_they_lie_in(
    tmp_path: Path, rows: TrainingRows
) -> None:
    held = flights()
    as_floats = held.set_column(2, "distance", held.column("distance").cast(pa.float64()))
    turned = held.select(list(reversed(held.column_names)))
    found = {
        rows.load(source(at(tmp_path, each, name))).sha256
        for each, name in (
            (held, "a.parquet"),
            (held, "a.csv"),
            (as_floats, "b.parquet"),
            (turned, "c.parquet"),
        )
    }
    assert len(found) == 1


def test_every_change_of_the_rows_is_another_digest() -> None:
    held = normalised(flights())
    changed = [
        held.slice(1),
        held.take(pa.array(list(reversed(range(held.num_rows))))),
        held.rename_columns(["flight", "at", "length", "carrier", "late"]),
        held.set_column(2, "distance", pa.array([None, *held.column("distance").to_pylist()[1:]])),
        held.set_column(2, "distance", pa.array([0, *held.column("distance").to_pylist()[1:]])),
        held.set_column(0, "flight", pa.array(["f", "0f1", *held.column("flight").to_pylist()[2:]], pa.large_string())),
        held.drop_columns(["carrier"]),
    ]  # fmt: skip
    assert len({digest(each) for each in [held, *changed]}) == 1 + len(changed)


def test_the_digest_is_what_its_note_says() -> None:
    held = normalised(pa.table({"b": pa.array([1, None, 3]), "a": pa.array(["x", None, "äö"])}))
    head = canonical(["rows/1", 3, [["a", "text"], ["b", "number"]]])
    texts = struct.pack("<3B", 1, 0, 1) + struct.pack("<3q", 1, 0, 4) + "xäö".encode()
    numbers = struct.pack("<3B", 1, 0, 1) + struct.pack("<3d", 1, 0, 3)
    assert digest(held) == hashlib.sha256(head + texts + numbers).hexdigest()


@given(st.lists(st.one_of(st.none(), st.text(max_size=5)), max_size=20), st.integers(0, 5))
def test_a_slice_of_texts_is_hashed_as_if_it_stood_alone(
    values: list[str | None], start: int
) -> None:
    whole = pa.table({"a": pa.array(values, pa.large_string())})
    alone = pa.table({"a": pa.array(values[start:], pa.large_string())})
    assert digest(whole.slice(start)) == digest(alone)


def test_whole_numbers_beyond_floats_are_told_apart() -> None:
    one, two = (pa.table({"a": pa.array([2**53 + 1 + each])}) for each in (0, 1))
    assert digest(one) != digest(two)


def test_equal_rows_have_equal_marks_and_the_order_of_columns_says_nothing() -> None:
    held = pa.table({"a": [1, 1, 2], "b": ["x", "x", "x"]})
    found = marks(normalised(held), ["a", "b"])
    assert found[0] == found[1] != found[2]
    as_floats = pa.table({"b": ["x", "x", "x"], "a": [1.0, 1.0, 2.0]})
    assert np.array_equal(found, marks(normalised(as_floats), ["b", "a"]))


def test_a_rolling_window_counts_back_from_the_newest_row(
    tmp_path: Path, rows: TrainingRows
) -> None:
    until = START + timedelta(days=40)
    window = Window(WindowKind.ROLLING, days=10, until=until)
    found = rows.load(source(at(tmp_path, flights()), window=window))
    assert found.rows == 10
    assert (found.first_at, found.last_at) == (
        START + timedelta(days=30),
        START + timedelta(days=39),
    )


def test_a_sample_is_the_same_for_the_same_seed(tmp_path: Path, rows: TrainingRows) -> None:
    uri = at(tmp_path, flights())
    drawn = [
        rows.load(source(uri, window=Window(WindowKind.SAMPLED, rows=10, seed=seed)))
        for seed in (1, 1, 2)
    ]
    assert [each.rows for each in drawn] == [10, 10, 10]
    assert drawn[0].sha256 == drawn[1].sha256 != drawn[2].sha256
    days = drawn[0].table.column("at").to_pylist()
    assert days == sorted(days)


def test_several_addresses_are_one_below_the_other(tmp_path: Path, rows: TrainingRows) -> None:
    held = flights()
    first, second = (
        at(tmp_path, held.slice(0, 20), "a.parquet"),
        at(tmp_path, held.slice(20), "b.csv"),
    )
    whole = rows.load(source(at(tmp_path, held)))
    assert rows.load(source(second, plus=(first,))).sha256 == whole.sha256
    other = at(tmp_path, held.drop_columns(["carrier"]), "c.parquet")
    with pytest.raises(InvalidInput, match="has no column 'carrier'"):
        rows.load(source(second, plus=(other,)))
    assert rows.load(source(second, plus=(other,), columns=("distance",))).features == ("distance",)


def test_a_rolling_window_leaves_the_rows_beside_it_alone(
    tmp_path: Path, rows: TrainingRows
) -> None:
    old, new = at(tmp_path, flights().slice(0, 5), "old.csv"), at(tmp_path, flights().slice(20))
    window = Window(WindowKind.ROLLING, days=10, until=START + timedelta(days=48))
    found = rows.load(source(new, plus=(old,), window=window))
    assert found.table.column("flight").to_pylist() == [
        f"f{i}" for i in (*range(5), *range(38, 48))
    ]


def test_rows_without_a_target_are_left_out_and_counted(tmp_path: Path, rows: TrainingRows) -> None:
    held = flights()
    late = pa.array([None, *held.column("late").to_pylist()[1:]])
    found = rows.load(source(at(tmp_path, held.set_column(4, "late", late))))
    assert (found.rows, found.left_out) == (49, 1)


def test_what_cannot_be_trained_on_is_named(tmp_path: Path, rows: TrainingRows) -> None:
    lists = pa.table({"late": [1], "at": ["2026-01-01"], "flight": ["a"], "scores": [[1.0]]})
    wrong = {
        str(tmp_path / "gone.parquet"): "is not there",
        str(tmp_path / "rows.xlsx"): "neither in .parquet nor",
        at(tmp_path, lists, "lists.parquet"): "'scores' holds list",
        at(tmp_path, flights().drop_columns(["late"]), "x.parquet"): "has no column 'late'",
        at(
            tmp_path, flights().set_column(1, "at", pa.array(["no"] * 50)), "y.parquet"
        ): "no instants",
        "delta+/tmp/table": "deltalake|no Delta table",
        "predictions:none": "No outcome",
        "carrier-pigeon://x.csv": "no address",
    }
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 not really")
    wrong[str(tmp_path / "bad.parquet")] = "no parquet file"
    for uri, words in wrong.items():
        with pytest.raises(InvalidInput, match=words):
            rows.load(source(uri))


def test_a_holdout_is_the_pinned_one_or_nothing(tmp_path: Path, rows: TrainingRows) -> None:
    uri, asked = at(tmp_path, flights(20), "holdout.parquet"), source("predictions:none")
    pinned = rows.load(source(uri)).sha256
    assert rows.holdout(asked, uri, pinned).rows == 20
    at(tmp_path, flights(19), "holdout.parquet")
    with pytest.raises(Conflict, match="is pinned"):
        rows.holdout(asked, uri, pinned)


def test_a_stored_snapshot_is_hashed_again_and_a_changed_one_is_refused(
    tmp_path: Path, rows: TrainingRows
) -> None:
    asked = source(at(tmp_path, flights()))
    found, folder = rows.load(asked), tmp_path / "job" / "data"
    store(found, folder)
    store(found, folder)
    again = stored(asked, folder)
    require(again, found.sha256)
    assert (again.first_at, again.table.num_rows) == (found.first_at, 50)
    parquet.write_table(found.table.slice(1), folder / "train.parquet")
    with pytest.raises(Conflict, match="open a new ticket"):
        require(stored(asked, folder), found.sha256)
    (folder / "train.parquet").write_bytes(b"x")
    with pytest.raises(IntegrityBroken):
        stored(asked, folder)
    with pytest.raises(NotFound):
        stored(asked, tmp_path / "none")


def test_the_task_follows_from_the_target(tmp_path: Path, rows: TrainingRows) -> None:
    held = flights()
    kinds = {
        "classification": pa.array([0, 1] * 25),
        "multiclass": pa.array(["a", "b", "c", "d", "e"] * 10),
        "regression": pa.array(np.linspace(0, 1, 50)),
    }
    for task, values in kinds.items():
        found = rows.load(source(at(tmp_path, held.set_column(4, "late", values))))
        assert task_of(found) == task


# databases


@pytest.fixture
def database(tmp_path: Path) -> str:
    place = tmp_path / "warehouse.db"
    with sqlite3.connect(place) as connection:
        frame = pd.DataFrame({"flight": ["a", "b", "c"], "at": ["2026-01-01T00:00:00", "2026-01-02T00:00:00", "2026-01-03T00:00:00"], "distance": [1, 2, None], "late": [0, 1, 1]})  # fmt: skip
        frame.to_sql("flights", connection, index=False)
    connection.close()
    return f"sql+sqlite:///{place}"


def test_rows_come_from_a_database(database: str, rows: TrainingRows, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    query = "SELECT * FROM flights ORDER BY flight"
    found = rows.load(source(database, query=query))
    assert (found.rows, found.last_at) == (3, datetime(2026, 1, 3, tzinfo=UTC))
    monkeypatch.setenv("WAREHOUSE_URL", database.removeprefix("sql+"))
    assert rows.load(source("sql+env:WAREHOUSE_URL", query=query)).sha256 == found.sha256


@pytest.mark.parametrize(
    ("uri", "query", "words"),
    [
        ("", "DELETE FROM flights", "begins with SELECT"),
        ("", "SELECT 1; DROP TABLE flights", "one statement"),
        ("sql+env:COUNTERSIGN_DATABASE_URL", "SELECT 1", "ends in _URL"),
        ("sql+env:PATH", "SELECT 1", "ends in _URL"),
        ("sql+env:NOWHERE_URL", "SELECT 1", "no environment variable"),
        ("sql+nothing://x", "SELECT 1", "cannot be used"),
    ],
)
def test_a_query_that_does_not_read_is_refused(
    database: str, uri: str, query: str, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        sql_adapter.read(uri or database, query)


def test_a_query_changes_nothing_and_does_not_run_for_ever(database: str) -> None:
    with pytest.raises(SourceUnavailable):
        sql_adapter.read(database, "WITH x AS (SELECT 1) INSERT INTO flights SELECT 'd', 'd', 1, 1")
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    )
    with pytest.raises(SourceUnavailable):
        sql_adapter.read(database, endless, seconds=0.2)
    assert sql_adapter.read(database, "SELECT count(*) AS n FROM flights").column(
        "n"
    ).to_pylist() == [3]
