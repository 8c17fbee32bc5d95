"""A stream is told once: its history at first, then a day at a time, missed ones too, until it is used up."""

import shutil
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from services.facts.prediction.fsspec_adapter import PartFolder
from services.facts.prediction.journal import Journal
from services.facts.prediction.pace import Pace
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.service import PredictionLog
from services.facts.prediction.types import Stream
from services.facts.registry.service import Registry
from services.kernel.clock import FixedClock
from services.kernel.error import InvalidInput, NotFound
from services.record.task.service import Tasks
from services.record.task.types import Task, TaskState
from services.record.trail.unit_of_work import Store
from services.workflows.feed.rules import plan_text
from services.workflows.feed.service import Feeds
from services.workflows.feed.telling import Parts, Telling
from services.workflows.feed.types import FOLDER, PLAN, ROWS, TAG, Plan
from services.workflows.sync.service import Sync
from services.workflows.types import StepFailed
from tests.support.fake_mlflow import FakeMlflow

MODEL, DAYS, HISTORY, A_DAY = "flight-delay", 8, 5, 3
GROUPS, KNOWN = 2, 2  # of a day: rows with protected attributes, rows with an outcome
FIRST = date(2013, 3, 1)
NOTE = "Real flights; dates are shifted by {days} days."
DAY = timedelta(days=1)


class Runs:
    """The files of runs, by run."""

    def __init__(self) -> None:
        self.files: dict[str, Path] = {}

    def download_run_folder(self, run_id: str, folder: str, into: Path) -> bool:
        assert folder == FOLDER
        if run_id not in self.files:
            return False
        shutil.copytree(self.files[run_id], into)
        return True


def stream(score: float) -> pd.DataFrame:
    """Three flights a day: one on time, one that failed, one that never arrived."""
    n = DAYS * A_DAY
    at = pd.date_range(FIRST, periods=DAYS, tz="UTC").repeat(A_DAY) + pd.to_timedelta(
        list(range(9, 9 + A_DAY)) * DAYS, unit="h"
    )
    kind = pd.Series(list(range(A_DAY)) * DAYS)
    return pd.DataFrame(
        {
            "prediction_id": [f"flight-{i}" for i in range(n)],
            "at": at,
            "caller": "ops",
            "latency_ms": 20.0,
            "status": kind.map({0: "ok", 1: "error", 2: "ok"}),
            "error_type": kind.map({1: "Timeout"}),
            "outcome": pd.Series([0, 1, None] * DAYS, dtype="Int64"),
            "outcome_at": (at + pd.Timedelta(days=2)).to_series(index=kind.index).where(kind < 2),
            "score": pd.Series(score, index=kind.index).where(kind != 1),
            "prediction": pd.Series(0, index=kind.index, dtype="Int64").where(kind != 1),
            "threshold": 0.5,
            "decision": kind.map({0: "on time", 2: "on time"}),
            "f_temp": [40.0, None, 41.5] * DAYS,
            "f_carrier": "UA",
            "s_carrier": "UA",
            "p_race": ["White", None, "Black"] * DAYS,
            "p_sex": None,
        }
    )


@pytest.fixture
def runs() -> Runs:
    return Runs()


def log_stream(runs: Runs, run_id: str, folder: Path, frame: pd.DataFrame) -> None:
    folder.mkdir()
    frame.to_parquet(folder / ROWS, index=False)
    plan = Plan(NOTE, "the airport", FIRST + (HISTORY - 1) * DAY)
    (folder / PLAN).write_text(plan_text(plan), encoding="utf-8")
    runs.files[run_id] = folder


@pytest.fixture
def mlflow(runs: Runs, tmp_path: Path) -> FakeMlflow:
    made = FakeMlflow()
    for score in (0.2, 0.3):
        run_id = made.add(MODEL).run_id
        made.known[run_id] = replace(made.known[run_id], tags={TAG: "replay/1"})
        log_stream(runs, run_id, tmp_path / run_id, stream(score))
    made.models[MODEL].aliases["champion"] = 1
    made.add("plain")
    made.models["plain"].aliases["champion"] = 1
    return made


class House:
    """One workspace in which streams are told, and whoever asks."""

    def __init__(self, store: Store, mlflow: FakeMlflow, runs: Any, folder: Path) -> None:
        self.store, self.clock, self.mlflow = store, store.clock, mlflow
        self.tasks, self.sync = Tasks(store), Sync(store, mlflow)
        self.journal = Journal(folder / "journal")
        log = PredictionLog(self.journal, store.clock, b"secret of the test", Pace())
        self.feeds = Feeds(store, self.tasks, Registry(), [MODEL, "plain"])
        self.parts = Parts(store, self.tasks, self.feeds, log, runs, folder / "jobs")
        self.telling = Telling(self.parts)
        self.jobs = folder / "jobs"
        self.sync.look()

    def asked(self) -> Task | None:
        """Look, and return what was asked for."""
        self.feeds.look()
        found = [task for task in self.tasks.open("batch") if task.kind == "feed"]
        assert len(found) <= 1
        return found[0] if found else None

    def tell(self) -> int:
        """Do what is asked for, as the worker does; return how many rows were new."""
        task = self.asked()
        if task is None:
            return 0
        assert self.tasks.start(task.task_id)
        months = self.telling.plan(task.task_id)
        accepted = sum(self.telling.tell(task.task_id, days, 0.5) for days in months)
        self.telling.close(task.task_id, accepted)
        return accepted

    def counts(self, kind: Stream) -> dict[date, int]:
        return {each.day: each.rows for each in self.journal.counts(MODEL, kind)}

    def rows(self, day: date) -> list[dict[str, Any]]:
        reader = PredictionReader(self.store, self.journal, PartFolder(str(self.jobs / "parts")))
        return reader.day(MODEL, day).to_pylist()

    @property
    def today(self) -> date:
        return self.clock.now().date()

    def left(self) -> int:
        with self.store.reading() as session:
            feed = self.feeds.of(session, MODEL)
        assert feed is not None
        return feed.days_left


@pytest.fixture
def house(sqlite_store: Store, mlflow: FakeMlflow, runs: Runs, tmp_path: Path) -> House:
    return House(sqlite_store, mlflow, runs, tmp_path)


def test_the_history_ends_yesterday_and_outcomes_lag_two_days(house: House) -> None:
    outcomes = 2 * (HISTORY - 2)
    assert house.tell() == HISTORY * (A_DAY + GROUPS) + outcomes
    days = [house.today - back * DAY for back in range(HISTORY, 0, -1)]
    assert house.counts(Stream.PREDICTIONS) == dict.fromkeys(days, A_DAY)
    assert house.counts(Stream.OUTCOMES) == dict.fromkeys(days[2:], 2)
    assert house.left() == DAYS - HISTORY
    shift = (house.today - DAY - (FIRST + (HISTORY - 1) * DAY)).days
    assert house.feeds.note(MODEL) == f"Real flights; dates are shifted by {shift:,} days."
    assert house.asked() is None


def test_protected_attributes_go_into_a_stream_of_their_own(house: House) -> None:
    house.tell()
    day = house.today - DAY
    kept = list(house.journal.rows(MODEL, Stream.PROTECTED, day))
    assert [each["prediction_id"][:7] for each in kept] == ["flight-"] * 2
    assert [
        {name: value for name, value in each.items() if name.startswith("a_")} for each in kept
    ] == [{"a_race": "White"}, {"a_race": "Black"}]
    assert not [name for row in house.rows(day) for name in row if "race" in name]


def test_rows_arrive_as_a_sender_would_have_written_them(house: House) -> None:
    house.tell()
    day = house.today - 3 * DAY
    rows = house.rows(day)
    assert [row["status"] for row in rows] == ["ok", "error", "ok"]
    assert [row["f_temp"] for row in rows] == [40.0, None, 41.5]
    assert [(row["score"], row["version"]) for row in rows] == [(0.2, 1), (None, 1), (0.2, 1)]
    assert [row["outcome"] for row in rows] == [0, 1, None]
    assert rows[0]["at"].date() == day
    assert rows[0]["outcome_at"] - rows[0]["at"] == 2 * DAY
    assert rows[0]["received_at"].date() == day
    assert rows[0]["outcome_received_at"].date() == day + 2 * DAY
    assert {row["caller_hash"] for row in rows} != {"ops"}
    assert len({row["caller_hash"] for row in rows}) == 1


def test_each_midnight_one_day_is_told_and_none_before(house: House) -> None:
    house.tell()
    to_midnight = datetime.combine(house.today + DAY, datetime.min.time(), house.clock.now().tzinfo)
    house.clock.advance((to_midnight - house.clock.now()).total_seconds() - 1)
    assert house.asked() is None
    house.clock.advance(1)
    assert house.tell() == A_DAY + GROUPS + KNOWN
    assert house.asked() is None
    assert max(house.counts(Stream.PREDICTIONS)) == house.today - DAY
    assert house.left() == DAYS - HISTORY - 1


def test_days_that_were_missed_are_told_at_once_and_the_shift_stays(house: House) -> None:
    house.tell()
    before = house.feeds.note(MODEL)
    house.clock.advance(2 * 86_400)
    assert house.tell() == 2 * (A_DAY + GROUPS + KNOWN)
    assert house.feeds.note(MODEL) == before
    assert house.left() == DAYS - HISTORY - 2


def test_when_it_is_used_up_the_last_outcomes_follow_and_then_silence(house: House) -> None:
    house.tell()
    house.clock.advance(30 * 86_400)
    assert house.tell() == (DAYS - HISTORY) * (A_DAY + GROUPS) + (DAYS - HISTORY + 2) * KNOWN
    assert house.left() == 0
    house.clock.advance(86_400)
    assert house.asked() is None
    assert sum(house.counts(Stream.PREDICTIONS).values()) == DAYS * A_DAY
    assert sum(house.counts(Stream.OUTCOMES).values()) == DAYS * 2


def test_a_step_that_is_done_again_adds_no_row(house: House) -> None:
    task = house.asked()
    assert task is not None
    assert house.tasks.start(task.task_id)
    months = house.telling.plan(task.task_id)
    first = house.telling.tell(task.task_id, months[0], 0.5)
    before = Counter(house.counts(Stream.PREDICTIONS)) + Counter(house.counts(Stream.OUTCOMES))
    shutil.rmtree(house.jobs)
    house.telling = Telling(house.parts)  # killed, and taken over on another machine
    assert house.telling.tell(task.task_id, months[0], 0.5) == 0
    assert house.telling.plan(task.task_id) == []
    house.telling.close(task.task_id, first)
    after = Counter(house.counts(Stream.PREDICTIONS)) + Counter(house.counts(Stream.OUTCOMES))
    assert before == after
    assert house.tasks.get(task.task_id).result == {
        "rows": first,
        "days_left": DAYS - HISTORY,
        "note": house.feeds.note(MODEL),
    }
    assert not (house.jobs / task.task_id).exists()


def test_nothing_is_told_while_no_version_serves_and_it_goes_on_when_one_does(
    house: House, mlflow: FakeMlflow
) -> None:
    house.tell()
    mlflow.models[MODEL].aliases.clear()
    house.clock.advance(86_400)
    house.sync.look()
    assert house.asked() is None
    mlflow.models[MODEL].aliases["champion"] = 2
    house.clock.advance(30)
    house.sync.look()
    assert house.tell() == A_DAY + GROUPS + KNOWN
    rows = house.rows(house.today - DAY)
    assert {(row["version"], row["score"]) for row in rows} == {(2, 0.3), (2, None)}


def test_a_model_that_is_none_of_the_demonstration_has_no_stream(
    sqlite_store: Store, house: House
) -> None:
    feeds = Feeds(sqlite_store, house.tasks, Registry(), [])
    assert feeds.look() == 0
    assert feeds.note(MODEL) == ""


def test_a_stream_that_could_not_be_told_is_asked_for_again_in_the_next_hour(house: House) -> None:
    task = house.asked()
    assert task is not None
    house.telling.abandon(task.task_id, StepFailed("NotFound", "The run logged no stream."))
    assert house.tasks.get(task.task_id).state is TaskState.FAILED
    assert house.asked() is None
    house.clock.advance(3600)
    assert house.asked() is not None


def test_a_run_without_the_files_it_names_is_said_so(house: House, runs: Runs) -> None:
    runs.files.clear()
    task = house.asked()
    assert task is not None
    with pytest.raises(NotFound, match="logged no stream"):
        house.telling.plan(task.task_id)


def test_a_damaged_file_is_named(house: House, runs: Runs) -> None:
    (next(iter(runs.files.values())) / ROWS).write_bytes(b"PAR1 and no more")
    task = house.asked()
    assert task is not None
    with pytest.raises(InvalidInput, match=r"replay/predictions\.parquet cannot be read"):
        house.telling.plan(task.task_id)


def test_a_row_the_log_refuses_stops_the_telling_in_words(house: House, runs: Runs) -> None:
    folder = next(iter(runs.files.values()))
    stream(0.2).assign(latency_ms=-1.0).to_parquet(folder / ROWS, index=False)
    task = house.asked()
    assert task is not None
    months = house.telling.plan(task.task_id)
    with pytest.raises(InvalidInput, match="latency_ms"):
        house.telling.tell(task.task_id, months[0], 0.5)


def test_how_far_it_is_told_never_goes_back_on_either_engine(
    store: Store, mlflow: FakeMlflow, runs: Runs, tmp_path: Path
) -> None:
    house = House(store, mlflow, runs, tmp_path)
    house.tell()
    with house.store.reading() as session:
        feed = house.feeds.of(session, MODEL)
    assert feed is not None
    house.feeds.told(replace(feed, told_until=feed.first))
    with house.store.reading() as session:
        assert house.feeds.every(session) == [feed]


def test_a_clock_that_was_set_back_tells_nothing(house: House, clock: FixedClock) -> None:
    house.tell()
    clock.advance(-40 * 86_400)
    assert house.asked() is None
