"""Files become batches; a bad row names its file and place, a bad file says what is wrong with it."""

import io
import json
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from services.cli import client
from services.cli.main import main
from services.facts.prediction import importing
from services.facts.prediction.importing import batches
from services.facts.prediction.types import Stream
from services.kernel.error import InvalidInput

P = Stream.PREDICTIONS


def table(rows: int, **other: Any) -> pa.Table:
    return pa.table(
        {
            "prediction_id": [str(n) for n in range(rows)],
            "at": ["2026-03-14T08:00:00Z"] * rows,
            "version": [1] * rows,
            "f_x": [float("nan"), *map(float, range(rows - 1))],
            **other,
        }
    )


def written(held: pa.Table) -> bytes:
    file = io.BytesIO()
    parquet.write_table(held, file)
    return file.getvalue()


def test_a_parquet_file_is_read_a_thousand_rows_at_once() -> None:
    read = list(batches("a.parquet", io.BytesIO(written(table(2_500))), P))
    assert [(each.first, len(each.rows)) for each in read] == [
        (0, 1_000),
        (1_000, 1_000),
        (2_000, 500),
    ]
    assert read[0].rows[0] == {
        "prediction_id": "0", "at": "2026-03-14T08:00:00Z", "version": 1, "features": {"x": None},
    }  # fmt: skip


def test_instants_without_a_zone_stay_without_one_and_lists_stay_lists() -> None:
    at = pa.array([0], pa.timestamp("us"))
    held = table(1, at=at, scores=[[0.2, 0.8]], score=pa.nulls(1, pa.float64()))
    (batch,) = batches("a.parquet", io.BytesIO(written(held)), P)
    assert batch.rows[0]["at"] == "1970-01-01T00:00:00"
    assert batch.rows[0]["scores"] == [0.2, 0.8]
    assert "score" not in batch.rows[0]


def test_a_broken_line_of_a_csv_file_is_named_and_the_others_are_rows() -> None:
    text = "prediction_id,at,version,f_x\n1,2026-03-14T08:00:00Z,1,2\n2,oops\n3,x,1,\n"
    rows, broken = batches("a.csv", io.BytesIO(text.encode()), P)
    assert [each["prediction_id"] for each in rows.rows] == ["1", "3"]
    assert [(each.row, "2 cells" in each.reason) for each in broken.broken] == [(1, True)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.parquet", written(table(10))[:-30], "cut off"),
        ("a.parquet", b"PAR1", "cut off"),
        ("a.csv", b"", "cut off"),
        ("a.csv", b"prediction_id,at,color\n1,2,3\n", "no column 'color'"),
        ("a.csv", b"prediction_id,version\n1,2\n", "has no column 'at'"),
        ("a.xlsx", b"", "neither"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(name: str, content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        list(batches(name, io.BytesIO(content), P))


def test_outcomes_have_other_columns() -> None:
    held = pa.table({"prediction_id": ["1"], "at": ["x"], "outcome": [True], "source": ["s"]})
    (batch,) = batches("o.parquet", io.BytesIO(written(held)), Stream.OUTCOMES)
    assert batch.rows[0]["outcome"] is True
    with pytest.raises(InvalidInput, match="'outcome'"):
        list(batches("o.parquet", io.BytesIO(written(held)), P))


class Door:
    """Takes batches as the API does; the third row of each batch is refused."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[Any]]] = []

    def post(self, path: str, body: bytes, kind: str) -> dict[str, Any]:
        assert kind == "application/x-ndjson"
        rows = [json.loads(each) for each in body.splitlines()]
        self.sent.append((path, rows))
        refused = [{"row": 2, "reason": "at: no"}] if len(rows) > 2 else []
        return {"accepted": len(rows) - len(refused), "duplicates": 0, "rejected": refused}


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    made = Door()
    monkeypatch.setenv("COUNTERSIGN_URL", "http://localhost:1")
    monkeypatch.setattr(client, "post", made.post)
    return made


def test_import_sends_files_of_any_place_and_names_file_and_row_of_what_was_refused(
    door: Door, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 4)
    with fsspec.open("memory://import/a.parquet", "wb") as file:
        file.write(written(table(6)))
    second = tmp_path / "b.csv"
    second.write_text("prediction_id,at,version\n9,2026-03-14T08:00:00Z,1\n")
    code = main(
        ["predictions", "import", "a b", "memory://import/a.parquet", str(second), "--json"]
    )
    assert code == 1
    one, other = json.loads(capsys.readouterr().out)["files"]
    assert one == {
        "file": "memory://import/a.parquet", "accepted": 5, "duplicates": 0,
        "rejected": [{"row": 2, "reason": "at: no"}],
    }  # fmt: skip
    assert (other["accepted"], other["rejected"]) == (1, [])
    assert [(path, len(rows)) for path, rows in door.sent] == [
        ("/models/a%20b/predictions", 4), ("/models/a%20b/predictions", 2),
        ("/models/a%20b/predictions", 1),
    ]  # fmt: skip


@pytest.mark.usefixtures("door")
def test_what_was_stored_before_a_file_that_cannot_be_read_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "a.parquet", tmp_path / "b.parquet"
    first.write_bytes(written(table(2)))
    second.write_bytes(written(table(10))[:-30])
    assert main(["predictions", "import", "m", str(first), str(second), "--json"]) == 2
    told = capsys.readouterr()
    assert [each["accepted"] for each in json.loads(told.out)["files"]] == [2, 0]
    assert f"{second} cannot be read to its end" in told.err


@pytest.mark.usefixtures("door")
def test_a_file_that_is_cut_off_ends_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(written(table(10))[:-30])
    assert main(["predictions", "import", "m", str(path)]) == 2
    assert "cut off" in capsys.readouterr().err
    assert main(["predictions", "import", "m", str(tmp_path / "absent.csv")]) == 2
    assert "is not there" in capsys.readouterr().err
