"""Rows move from the journal into files: each into exactly one, whatever happens in between."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from services.facts.prediction import filing as filing_module
from services.facts.prediction import repository, segment
from services.facts.prediction.filing import Filing
from services.facts.prediction.fsspec_adapter import PartFolder
from services.facts.prediction.journal import Journal
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.types import Kept, Stream
from services.kernel.error import IntegrityBroken, InvalidInput, SourceUnavailable
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from tests.integration.predictions.conftest import sent

AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
DAY = AT.date()
LATER = AT + timedelta(days=2)
P, O = Stream.PREDICTIONS, Stream.OUTCOMES  # noqa: E741
Keep = Callable[..., None]


class Killed(BaseException):
    """The process ends here."""


def files(store: Store, stream: Stream = P) -> list[Any]:
    with store.reading() as session:
        return repository.files(session, "m", stream)


def everything(filing: Filing) -> None:
    for stream, day in ((P, DAY), (O, LATER.date())):
        while filing.file("m", stream, day):
            pass


@pytest.fixture
def reader(store: Store, journal: Journal, folder: PartFolder) -> PredictionReader:
    """A reader on each engine."""
    return PredictionReader(store, journal, folder)


@pytest.fixture
def filing(store: Store, journal: Journal, folder: PartFolder) -> Filing:
    """The ledger on each engine."""
    return Filing(store, journal, folder)


@pytest.fixture
def filled(predicted: Keep, came_true: Keep) -> None:
    predicted(AT + timedelta(hours=2), "c", x=1.5, word="N", none=None)
    predicted(AT, "a", "b", x=1, word=None, none=None)
    came_true(LATER, a=1, b=0)
    came_true(LATER + timedelta(hours=1), a=0)


@pytest.mark.usefixtures("filled")
def test_a_day_reads_the_same_from_the_journal_from_files_and_from_both(
    reader: PredictionReader, filing: Filing, predicted: Keep, store: Store
) -> None:
    before = reader.day("m", DAY)
    stamps = reader.tallies("m")
    assert filing.file("m", P, DAY)
    mixed = reader.day("m", DAY)
    everything(filing)
    after = reader.day("m", DAY)
    assert mixed.equals(before)
    assert after.equals(before)
    assert reader.tallies("m") == stamps
    assert reader.recent("m", AT).num_rows == 3
    predicted(AT, "late", x="text")
    assert reader.day("m", DAY).column("f_x").to_pylist() == ["1", "1", "text", "1.5"]
    assert filing.file("m", P, DAY)
    assert reader.day("m", DAY).column("f_x").to_pylist() == ["1", "1", "text", "1.5"]
    assert [each.rows for each in files(store)] == [3, 1]


@pytest.mark.usefixtures("filled")
def test_each_file_is_one_event_with_the_digests_of_its_bytes_and_rows(
    filing: Filing, store: Store, tmp_path: Path
) -> None:
    written = filing.file("m", P, DAY)
    assert written
    path = tmp_path / "predictions" / written.path
    assert path.parent == tmp_path / "predictions/predictions/model=m/day=2026-03-14"
    assert parquet.ParquetFile(path).metadata.num_rows == 3
    with store.reading() as session:
        events = Trail(store).search(session, action="predictions:ingested")
    (event,) = events
    assert event.payload["sha256"] == written.sha256
    assert (event.payload["rows"], event.subject_id) == (3, "m")


@pytest.mark.usefixtures("filled")
def test_duplicates_and_contradictions_are_found_after_the_rows_left_the_journal(
    filing: Filing, journal: Journal, reader: PredictionReader
) -> None:
    everything(filing)
    same: dict[str, Any] = {
        "prediction_id": "c",
        "at": (AT + timedelta(hours=2)).isoformat(),
        "version": 1,
    }
    same["features"] = {"x": 1.5, "word": "N", "none": None}
    other = {**same, "score": 0.9}
    assert journal.keep("m", P, DAY, sent(P, same, other), AT) == Kept(0, 2, 1)
    assert list(journal.rows("m", P, DAY)) == []
    assert journal.tally("m", P, DAY)["rows"] == 3
    assert reader.day("m", DAY).column("score").null_count == 3


@pytest.mark.parametrize("step", ["begin", "write", "note", "clear"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.usefixtures("filled")
def test_killed_at_any_step_nothing_is_lost_and_nothing_is_there_twice(
    step: str,
    after: bool,
    filing: Filing,
    reader: PredictionReader,
    predicted: Keep,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = reader.day("m", DAY)
    place, name = {
        "begin": (segment, "begin"),
        "write": (PartFolder, "write"),
        "note": (repository, "add"),
        "clear": (segment, "clear"),
    }[step]
    real = getattr(place, name)

    def killed(*given: Any) -> Any:
        if after:
            real(*given)
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(place, name, killed)
        filing.file("m", P, DAY)
    assert reader.day("m", DAY).equals(before)
    predicted(AT + timedelta(hours=3), "meanwhile")
    everything(filing)
    assert reader.day("m", DAY).column("prediction_id").to_pylist() == ["a", "b", "c", "meanwhile"]
    assert sum(each.rows for each in files(store)) == 4
    there = sorted(str(each) for each in (tmp_path / "predictions/predictions").rglob("*.parquet"))
    assert there == sorted(str(tmp_path / "predictions" / e.path) for e in files(store))
    assert list((tmp_path / "predictions").rglob("*.partial")) == []


def test_a_large_segment_becomes_several_files(
    filing: Filing, predicted: Keep, reader: PredictionReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing_module, "MOST_ROWS", 4)
    predicted(AT, *map(str, range(10)))
    rows = []
    while written := filing.file("m", P, DAY):
        rows.append(written.rows)
    assert rows == [4, 4, 2]
    assert reader.day("m", DAY).num_rows == 10


@pytest.mark.usefixtures("filled")
def test_files_may_stand_in_any_place_that_fsspec_opens(store: Store, journal: Journal) -> None:
    folder = PartFolder("memory://log")
    reader, filing = (
        PredictionReader(store, journal, folder),
        Filing(store, journal, folder),
    )
    before = reader.day("m", DAY)
    everything(filing)
    assert folder.filesystem.find("/log")
    assert reader.day("m", DAY).equals(before)


@pytest.mark.usefixtures("filled")
def test_a_file_that_is_gone_or_damaged_is_said_and_never_read_as_no_rows(
    filing: Filing, reader: PredictionReader, tmp_path: Path
) -> None:
    written = filing.file("m", P, DAY)
    assert written
    path = tmp_path / "predictions" / written.path
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(IntegrityBroken, match="damaged"):
        reader.day("m", DAY)
    path.unlink()
    with pytest.raises(SourceUnavailable, match="reachable"):
        reader.day("m", DAY)


def test_an_address_that_nobody_opens_is_refused() -> None:
    with pytest.raises(InvalidInput, match="PREDICTIONS_URL"):
        PartFolder("nothing-like-it://x").read("a")


@pytest.mark.usefixtures("filled")
def test_two_that_file_at_once_note_the_rows_once(
    filing: Filing, reader: PredictionReader, store: Store, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    before = reader.day("m", DAY)
    both, write = threading.Barrier(2, timeout=20), PartFolder.write

    def waits(*given: Any) -> Any:
        written = write(*given)
        both.wait()
        return written

    monkeypatch.setattr(PartFolder, "write", waits)
    journal = Journal(tmp_path / "journal")
    other = Filing(store, journal, PartFolder(str(tmp_path / "predictions")))
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda each: each.file("m", P, DAY), (filing, other)))
    assert all(told)
    (file,) = files(store)
    assert file.rows == 3
    with store.reading() as session:
        assert len(Trail(store).search(session, action="predictions:ingested")) == 1
    assert reader.day("m", DAY).equals(before)


def test_who_is_slower_takes_nothing_back(
    filing: Filing, predicted: Keep, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing_module, "MOST_ROWS", 2)
    predicted(AT, "a", "b", "c", "d")
    assert filing.file("m", P, DAY)
    assert filing.file("m", P, DAY)
    with journal.segment("m", P, DAY) as connection:
        segment.clear(connection, 2)
    assert journal.tally("m", P, DAY)["written"] == 4
    assert filing.file("m", P, DAY) is None


def test_infinities_and_mixed_kinds_are_filed(
    filing: Filing, predicted: Keep, reader: PredictionReader
) -> None:
    predicted(AT, "a", x=float("inf"), y="1", z=True)
    predicted(AT, "b", x=-1, y=2, z=3)
    held = reader.day("m", DAY)
    assert filing.file("m", P, DAY)
    assert reader.day("m", DAY).equals(held)
    assert held.column("f_x").to_pylist() == [float("inf"), -1.0]
    assert held.column("f_z").to_pylist() == ["true", "3"]
    assert held.column("f_y").type == pa.string()
