"""What was acknowledged is there, once, whatever happens to the process that wrote it."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.facts.prediction import checkpoints, segment
from services.facts.prediction.journal import Journal
from services.facts.prediction.open_segments import MOST
from services.facts.prediction.types import Kept, Row, Stream
from services.kernel.error import IntegrityBroken, SourceUnavailable
from tests.support.workspace import ROOT

AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
DAY = AT.date()
P, O = Stream.PREDICTIONS, Stream.OUTCOMES  # noqa: E741
WRITER = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from services.facts.prediction.journal import Journal
from services.facts.prediction.types import Row, Stream
at = datetime(2026, 3, 14, 9, tzinfo=timezone.utc)
journal = Journal(Path(sys.argv[1]))
for batch in range(1_000):
    rows = [Row(f"{batch}-{n}", at, {"n": n}) for n in range(200)]
    journal.keep("credit", Stream.PREDICTIONS, at.date(), rows, at)
    print(batch, flush=True)
"""


def row(prediction_id: str, **body: Any) -> Row:
    return Row(prediction_id, AT, body)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def test_the_first_of_two_predictions_counts_and_another_answer_is_kept_aside(
    journal: Journal,
) -> None:
    assert journal.keep("m", P, DAY, [row("a", score=0.1), row("b")], AT) == Kept(accepted=2)
    again = [row("a", score=0.1), row("a", score=0.9), row("c")]
    assert journal.keep("m", P, DAY, again, AT) == Kept(1, 2, 1)
    assert [each.get("score") for each in journal.rows("m", P, DAY)] == [0.1, None, None]
    (count,) = journal.counts("m", P)
    assert (count.rows, count.contradicting, count.first_at) == (3, 1, AT)


def test_outcomes_are_all_kept_and_the_same_one_once(journal: Journal) -> None:
    later = AT + timedelta(hours=1)
    assert journal.keep("m", O, DAY, [row("a", outcome=1)], AT) == Kept(1)
    assert journal.keep("m", O, DAY, [row("a", outcome=0), row("a", outcome=1)], later) == Kept(
        1, 1
    )
    assert [each["outcome"] for each in journal.rows("m", O, DAY)] == [1, 0]


@pytest.mark.parametrize("name", ["a/b", "..", "%2e", "a=b", "ключ", "x" * 60])
def test_any_name_of_a_model_is_a_folder_of_its_own(
    journal: Journal, tmp_path: Path, name: str
) -> None:
    journal.keep(name, P, DAY, [row("a")], AT)
    assert journal.models(P) == [name]
    assert journal.days(name, P) == [DAY]
    (found,) = tmp_path.rglob("day=*.sqlite")
    assert found.parent.parent == tmp_path / "journal" / "predictions"


def test_several_writers_at_once_lose_nothing_and_write_nothing_twice(journal: Journal) -> None:
    kept: list[Kept] = []

    def write() -> None:
        for start in range(0, 400, 50):
            rows = [row(str(n)) for n in range(start, start + 50)]
            kept.append(journal.keep("m", P, DAY, rows, AT))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(each.accepted for each in kept) == 400
    assert sum(each.duplicates for each in kept) == 1_200
    assert journal.tally("m", P, DAY)["rows"] == 400


def test_killed_in_the_middle_no_acknowledged_row_is_lost_and_none_is_there_twice(
    tmp_path: Path,
) -> None:
    for after in (3, 7, 12):
        folder = tmp_path / str(after)
        command = [sys.executable, "-c", WRITER, str(folder)]
        with subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout
            told = [process.stdout.readline() for _ in range(after)]
            process.send_signal(signal.SIGKILL)
            told += process.stdout.readlines()
        acknowledged = [int(line) for line in told if line.strip()]
        assert len(acknowledged) >= after
        found = [each["prediction_id"] for each in Journal(folder).rows("credit", P, DAY)]
        assert len(found) == len(set(found))
        assert len(found) % 200 == 0  # a batch is there whole, or not at all
        assert {f"{batch}-{n}" for batch in acknowledged for n in range(200)} <= set(found)
        again = [row(f"{batch}-{n}", n=n) for batch in acknowledged for n in range(200)]
        assert Journal(folder).keep("credit", P, DAY, again, AT) == Kept(duplicates=len(again))


def test_a_disk_that_is_full_is_said_and_nothing_is_stored(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(SourceUnavailable, match="disk full"):
        journal.keep("m", P, DAY, [row("a")], AT)
    monkeypatch.undo()
    assert journal.tally("m", P, DAY)["rows"] == 0


def test_a_segment_that_was_overwritten_is_called_damaged(journal: Journal, tmp_path: Path) -> None:
    journal.keep("m", P, DAY, [row("a")], AT)
    journal.close()
    (path,) = tmp_path.rglob("day=*.sqlite")
    path.write_bytes(b"something else entirely" * 400)
    with pytest.raises(IntegrityBroken, match=str(DAY)):
        journal.keep("m", P, DAY, [row("b")], AT)


def test_segments_of_the_running_day_stay_open_and_no_others(
    journal: Journal, tmp_path: Path
) -> None:
    def logs() -> set[str]:
        return {each.name for each in tmp_path.rglob("*.sqlite-wal")}

    journal.keep("m", P, DAY, [row("a")], AT)
    assert logs() == {f"day={DAY}.sqlite-wal"}
    assert Journal(tmp_path / "journal").tally("m", P, DAY)["rows"] == 1
    journal.keep("m", P, DAY - timedelta(days=1), [row("b")], AT)
    assert logs() == {f"day={DAY}.sqlite-wal"}
    later = AT + timedelta(days=2)
    journal.keep("m", P, later.date(), [Row("c", later, {})], later)
    assert logs() == {f"day={later.date()}.sqlite-wal"}
    for n in range(2 * MOST):
        journal.keep(f"m{n}", P, later.date(), [Row("c", later, {})], later)
    assert len(list(tmp_path.rglob("*.sqlite-wal"))) == MOST
    journal.close()
    assert logs() == set()


def test_a_segment_that_stays_open_sees_what_others_write_and_let_go_of(
    journal: Journal, tmp_path: Path
) -> None:
    beside = Journal(tmp_path / "journal")
    for n, each in enumerate((journal, beside, journal, beside)):
        assert each.keep("m", P, DAY, [row("a"), row(str(n))], AT).accepted == (1 if n else 2)
    with beside.segment("m", P, DAY) as connection:
        segment.clear(connection, 3)
    assert journal.keep("m", P, DAY, [row("a"), row("new")], AT) == Kept(1, 1)
    assert [each["prediction_id"] for each in beside.rows("m", P, DAY)] == ["2", "3", "new"]


def test_a_segment_that_was_removed_is_begun_anew(journal: Journal) -> None:
    journal.keep("m", P, DAY, [row("a"), row("b")], AT)
    journal.forget("m", P, DAY)
    assert journal.days("m", P) == []
    assert journal.keep("m", P, DAY, [row("a")], AT) == Kept(accepted=1)
    assert [each["prediction_id"] for each in journal.rows("m", P, DAY)] == ["a"]


def test_a_day_without_rows_holds_none(journal: Journal) -> None:
    assert journal.days("m", P) == []
    assert journal.tally("m", P, date(2020, 1, 1))["rows"] == 0
    assert list(journal.rows("m", P, DAY)) == []


def test_a_long_log_is_emptied_beside_the_batches_and_nothing_is_lost(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "FROM_BYTES", 1)
    for start in range(0, 2_000, 200):
        rows = [row(str(n), text="x" * 200) for n in range(start, start + 200)]
        assert journal.keep("m", P, DAY, rows, AT).accepted == 200
    (path,) = tmp_path.rglob("*.sqlite")
    deadline = time.monotonic() + 20
    while path.stat().st_size < 400_000 and time.monotonic() < deadline:
        journal.keep("m", P, DAY, [row("0", text="x" * 200)], AT)
        time.sleep(0.05)
    assert path.stat().st_size >= 400_000  # in the segment itself, though it is still open
    assert path.with_name(f"{path.name}-wal").exists()
    assert journal.tally("m", P, DAY)["rows"] == 2_000


def test_batches_of_one_segment_come_one_after_the_other(journal: Journal) -> None:
    """Nobody asks again and again: a batch that waits is woken when the one before is done."""
    journal.keep("m", P, DAY, [row("first")], AT)
    slow = threading.Event()

    def hold() -> None:
        with journal.segment("m", P, DAY, stays=True):
            slow.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    kept = list[Kept]()
    waiting = threading.Thread(
        target=lambda: kept.append(journal.keep("m", P, DAY, [row("a")], AT))
    )
    waiting.start()
    waiting.join(0.3)
    assert kept == []
    slow.set()
    holder.join()
    waiting.join(20)
    assert kept == [Kept(accepted=1)]
