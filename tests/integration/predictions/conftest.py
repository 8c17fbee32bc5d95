"""A journal in a fresh folder, and rows as the door makes them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.facts.prediction import rules
from services.facts.prediction.custody import Custodies
from services.facts.prediction.filing import Filing
from services.facts.prediction.fsspec_adapter import PartFolder
from services.facts.prediction.journal import Journal
from services.facts.prediction.questions import PredictionQuestions
from services.facts.prediction.retention import Retention
from services.facts.prediction.types import Row, Stream
from services.record.trail.unit_of_work import Store


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


@pytest.fixture
def folder(tmp_path: Path) -> PartFolder:
    return PartFolder(str(tmp_path / "predictions"))


@pytest.fixture
def reader(sqlite_store: Store, journal: Journal, folder: PartFolder) -> PredictionQuestions:
    return PredictionQuestions(sqlite_store, journal, folder)


@pytest.fixture
def filing(sqlite_store: Store, journal: Journal, folder: PartFolder) -> Filing:
    return Filing(sqlite_store, journal, folder)


@pytest.fixture
def custodies(sqlite_store: Store) -> Custodies:
    return Custodies(sqlite_store)


@pytest.fixture
def retention(
    sqlite_store: Store, journal: Journal, folder: PartFolder, custodies: Custodies
) -> Retention:
    return Retention(sqlite_store, journal, folder, custodies)


def sent(stream: Stream, *rows: dict[str, Any]) -> list[Row]:
    """Rows as the door reads them."""
    now = datetime.fromisoformat("2030-01-01T00:00:00+00:00")
    read, rejected = rules.read(stream, rows, now, b"key")
    assert rejected == []
    return read


@pytest.fixture
def predicted(journal: Journal) -> Callable[..., None]:
    """Keep predictions of model ``m``, all answered at one instant."""

    def keep(at: datetime, *ids: str, received: datetime | None = None, **features: Any) -> None:
        rows = [
            {"prediction_id": each, "at": at.isoformat(), "version": 1, "features": features}
            for each in ids
        ]
        read = sent(Stream.PREDICTIONS, *rows)
        journal.keep("m", Stream.PREDICTIONS, at.date(), read, received or at)

    return keep


@pytest.fixture
def came_true(journal: Journal) -> Callable[..., None]:
    """Keep outcomes of model ``m`` that arrived at an instant."""

    def keep(received: datetime, **outcomes: Any) -> None:
        at = (received - timedelta(minutes=5)).isoformat()
        rows = [
            {"prediction_id": name, "at": at, "outcome": value, "source": "test"}
            for name, value in outcomes.items()
        ]
        read = sent(Stream.OUTCOMES, *rows)
        journal.keep("m", Stream.OUTCOMES, received.date(), read, received)

    return keep
