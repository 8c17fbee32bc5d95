"""What is dropped or digested at the door, for how long rows are kept, and who reads about whom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from services.facts.prediction import repository
from services.facts.prediction.custody import Custodies
from services.facts.prediction.filing import Filing
from services.facts.prediction.fsspec_adapter import PartFolder
from services.facts.prediction.journal import Journal
from services.facts.prediction.pace import Pace
from services.facts.prediction.protected import ProtectedReading
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.retention import Retention
from services.facts.prediction.service import PredictionLog
from services.facts.prediction.types import FREE, Custody, Stream
from services.kernel.clock import FixedClock
from services.kernel.error import InvalidInput, NotPermitted
from services.kernel.identity import SYSTEM
from services.people.account.types import Principal
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store

AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
DAY = AT.date()
P = Stream.PREDICTIONS
Keep = Callable[..., None]
SOMEBODY = Principal("p1", "A", "a@example.org", (), (), "s", AT)


@pytest.fixture
def predictions(journal: Journal, clock: FixedClock) -> PredictionLog:
    return PredictionLog(journal, clock, b"secret", Pace())


def events(store: Store, action: str) -> list[Any]:
    with store.reading() as session:
        return list(Trail(store).search(session, action=action))


def test_what_a_custody_names_never_reaches_the_disk(
    predictions: PredictionLog, reader: PredictionReader, journal: Journal, tmp_path: Path
) -> None:
    custody = Custody(dropped=frozenset({"name"}), hashed=frozenset({"phone", "region"}))
    rows = [
        {
            "prediction_id": str(n), "at": AT.isoformat(), "version": 1,
            "features": {"name": "Ada Lovelace", "phone": phone, "age": 36},
            "segments": {"region": "Marylebone"},
        }
        for n, phone in enumerate((5551234567, "5551234567", None))
    ]  # fmt: skip
    predictions.ingest("t", "m", P, rows, custody=custody)
    held = reader.day("m", DAY)
    assert "f_name" not in held.schema.names
    one, same, none = held.column("f_phone").to_pylist()
    assert one == same
    assert (len(one), none) == (64, None)
    assert held.column("f_age").to_pylist() == [36] * 3
    stored = b"".join(each.read_bytes() for each in tmp_path.rglob("day=*"))
    for secret in (b"Lovelace", b"5551234567", b"Marylebone"):
        assert secret not in stored


def test_a_column_may_be_named_as_the_log_does(
    predictions: PredictionLog, reader: PredictionReader
) -> None:
    row = {
        "prediction_id": "1", "at": AT.isoformat(), "version": 1,
        "features": {"ssn": "s", "region": "N", "note": float("nan")}, "segments": {"region": "N"},
    }  # fmt: skip
    custody = Custody(dropped=frozenset({"f_ssn", "s_region"}), hashed=frozenset({"f_note"}))
    predictions.ingest("t", "m", P, [row], custody=custody)
    held = reader.day("m", DAY)
    assert not {"f_ssn", "s_region"} & set(held.schema.names)
    assert held.column("f_region").to_pylist() == ["N"]
    assert held.column("f_note").null_count == 1


def test_a_custody_is_an_event_and_the_newest_one_holds(
    custodies: Custodies, sqlite_store: Store
) -> None:
    with sqlite_store.reading() as session:
        assert custodies.of(session, "m") == FREE
    custodies.set(SYSTEM, "m", Custody(hashed=frozenset({"a"}), keep_days=200))
    wanted = Custody(dropped=frozenset({"a"}), caller_limit=5, keep_days=365)
    custodies.set(SYSTEM, "m", wanted)
    with sqlite_store.reading() as session:
        assert custodies.of(session, "m") == wanted
        assert custodies.of(session, "other") == FREE
    assert [each.payload["keep_days"] for each in events(sqlite_store, "custody:set")] == [365, 200]


@pytest.mark.parametrize(
    ("custody", "words"),
    [
        (Custody(keep_days=183), "184 days"),
        (Custody(caller_limit=0), "1 row"),
        (Custody(frozenset({"a"}), frozenset({"a", "b"})), "a cannot"),
    ],
)
def test_a_custody_that_cannot_be_is_refused(
    custodies: Custodies, custody: Custody, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        custodies.set(SYSTEM, "m", custody)


def old_days(predicted: Keep, filing: Filing, custodies: Custodies) -> datetime:
    for back in (0, 1, 200):
        predicted(AT - timedelta(days=back), f"{back}")
        filing.file("m", P, (AT - timedelta(days=back)).date())
    custodies.set(SYSTEM, "m", Custody(keep_days=184))
    return AT - timedelta(days=200)


def test_days_that_are_too_old_are_deleted_and_their_digests_recorded(
    retention: Retention,
    predicted: Keep,
    filing: Filing,
    custodies: Custodies,
    reader: PredictionReader,
    sqlite_store: Store,
    tmp_path: Path,
) -> None:
    assert retention.run(DAY) == 0
    old = old_days(predicted, filing, custodies)
    with sqlite_store.reading() as session:
        (file,) = repository.files(session, "m", P, old.date(), old.date())
    assert retention.run(DAY) == 1
    assert retention.run(DAY) == 0
    (event,) = events(sqlite_store, "predictions:deleted")
    assert event.payload["files"][0]["sha256"] == file.sha256
    assert not (tmp_path / "predictions" / file.path).exists()
    assert reader.days("m") == [(AT - timedelta(days=1)).date(), DAY]
    assert reader.day("m", DAY).num_rows == 1


@pytest.mark.parametrize(
    ("place", "name"), [(PartFolder, "delete"), (Journal, "forget")], ids=["file", "segment"]
)
def test_a_deletion_that_was_cut_off_is_finished_and_recorded_once(
    place: type,
    name: str,
    retention: Retention,
    predicted: Keep,
    filing: Filing,
    custodies: Custodies,
    sqlite_store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old_days(predicted, filing, custodies)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(place, name, killed)
        retention.run(DAY)
    assert retention.run(DAY) == 1
    assert len(events(sqlite_store, "predictions:deleted")) == 1
    assert len(list((tmp_path / "predictions").rglob("*.parquet"))) == 2


def test_rows_that_wait_for_their_file_are_not_deleted(
    retention: Retention, predicted: Keep, custodies: Custodies, reader: PredictionReader
) -> None:
    predicted(AT - timedelta(days=300), "old")
    custodies.set(SYSTEM, "m", Custody(keep_days=184))
    assert retention.run(DAY) == 0
    assert len(reader.days("m")) == 1


def protected(predictions: PredictionLog, prediction_id: str, **attributes: Any) -> None:
    row = {"prediction_id": prediction_id, "at": AT.isoformat(), "attributes": attributes}
    receipt = predictions.ingest("t", "m", Stream.PROTECTED, [row])
    assert receipt.rejected == ()


def test_protected_attributes_stand_apart_and_are_read_by_the_day_of_their_prediction(
    predictions: PredictionLog,
    predicted: Keep,
    reader: PredictionReader,
    filing: Filing,
    tmp_path: Path,
) -> None:
    predicted(AT - timedelta(days=3), "a", "b")
    predicted(AT, "c")
    assert reader.protected("m", DAY).num_rows == 0
    for name, sex in (("a", "F"), ("b", "M"), ("c", "F"), ("nobody", "M"), ("a", "X")):
        protected(predictions, name, sex=sex)
    before = reader.protected("m", (AT - timedelta(days=3)).date())
    assert sorted(before.to_pylist(), key=str) == [
        {"a_sex": "M", "prediction_id": "b"},
        {"a_sex": "X", "prediction_id": "a"},
    ]
    assert filing.file("m", Stream.PROTECTED, DAY)
    assert reader.protected("m", (AT - timedelta(days=3)).date()).equals(before)
    assert "a_sex" not in reader.day("m", DAY).schema.names
    assert (tmp_path / "predictions/protected/model=m").is_dir()


def test_a_person_who_reads_protected_attributes_leaves_an_event_and_others_read_nothing(
    predictions: PredictionLog, predicted: Keep, reader: PredictionReader, sqlite_store: Store
) -> None:
    predicted(AT, "a")
    protected(predictions, "a", sex="F")
    refused: list[str] = []

    def permit(_: Session, principal: Principal, model: str) -> None:
        if principal.person_id != SOMEBODY.person_id:
            refused.append(model)
            raise NotPermitted("no")

    reading = ProtectedReading(sqlite_store, reader, permit)
    assert reading.read(SOMEBODY, "m", DAY).num_rows == 1
    other = Principal("p2", "B", "b@example.org", (), (), "s", AT)
    with pytest.raises(NotPermitted):
        reading.read(other, "m", DAY)
    assert refused == ["m"]
    (event,) = events(sqlite_store, "sensitive:read")
    assert (event.actor.id, event.payload["rows"]) == ("p1", 1)
