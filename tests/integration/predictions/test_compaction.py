"""What is written into files, and when: large segments, and days that are over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from services.facts.prediction.filing import Filing
from services.facts.prediction.journal import Journal
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.retention import Retention
from services.facts.prediction.types import Stream
from services.kernel.clock import FixedClock
from services.workflows.compaction import service as compaction_service
from services.workflows.compaction.service import Compaction

AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
Keep = Callable[..., None]


@pytest.fixture
def compaction(
    journal: Journal, filing: Filing, retention: Retention, clock: FixedClock
) -> Compaction:
    return Compaction(journal, filing, retention, clock)


def waiting(journal: Journal) -> int:
    held = journal.tally("m", Stream.PREDICTIONS, AT.date())
    return held["rows"] - held["written"]


def test_a_small_day_becomes_one_file_when_it_is_over_and_quiet(
    compaction: Compaction, predicted: Keep, journal: Journal, clock: FixedClock
) -> None:
    predicted(AT, "a", "b")
    assert compaction.run() == 0
    clock.advance(86_400)
    predicted(AT, "late", received=clock.now())
    assert compaction.run() == 0
    clock.advance(7_200)
    assert (compaction.run(), compaction.run(), waiting(journal)) == (1, 0, 0)


def test_a_large_segment_is_written_the_same_day(
    compaction: Compaction,
    predicted: Keep,
    journal: Journal,
    reader: PredictionReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compaction_service, "MOST_ROWS", 3)
    predicted(AT, "a", "b")
    assert compaction.run() == 0
    predicted(AT, "c")
    assert (compaction.run(), waiting(journal)) == (1, 0)
    assert reader.day("m", AT.date()).num_rows == 3


def test_outcomes_are_written_too(
    compaction: Compaction, predicted: Keep, came_true: Keep, clock: FixedClock
) -> None:
    predicted(AT, "a")
    came_true(AT + timedelta(days=2), a=1)
    clock.advance(4 * 86_400)
    assert compaction.run() == 2


def test_a_damaged_segment_keeps_no_other_from_being_written(
    compaction: Compaction, predicted: Keep, journal: Journal, clock: FixedClock
) -> None:
    predicted(AT, "a")
    broken = journal.path("earlier", Stream.PREDICTIONS, AT.date())
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"no database, but long enough to be taken for one" * 100)
    clock.advance(2 * 86_400)
    assert (compaction.run(), waiting(journal)) == (1, 0)
