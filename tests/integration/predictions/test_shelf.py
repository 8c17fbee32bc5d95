"""What is looked at again of a log that grows: only what changed, and all that changed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.facts.prediction import seen, shelf
from services.facts.prediction.journal import Journal
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.types import Row, Stream

AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
DAYS = [AT.date() - timedelta(days=n) for n in range(20, -1, -1)]
P, O = Stream.PREDICTIONS, Stream.OUTCOMES  # noqa: E741


@contextmanager
def opened(patch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Tell how many segments were opened to see what they say of themselves."""
    count, real = [0], seen.look

    def look(*given: Any) -> seen.Seen:
        count[0] += 1
        return real(*given)

    with patch.context() as inside:
        inside.setattr(seen, "look", look)
        yield count


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch, journal: Journal) -> Journal:
    """Return a journal of some days, none of which is so young that it is not trusted."""
    monkeypatch.setattr(shelf, "YOUNG_NS", 10_000_000)
    for day in DAYS:
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        journal.keep("m", P, day, [Row(f"{day}", at, {"at": at.isoformat()})], AT)
    time.sleep(0.05)
    return journal


def rows(journal: Journal) -> dict[date, int]:
    return {day: held["rows"] for day, held in journal.tallies("m", P)}


def test_what_did_not_change_is_the_very_same_and_opened_once(
    settled: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(monkeypatch) as count:
        before = rows(settled)
        states = settled.states("m", P)
        assert (rows(settled), count[0]) == (before, len(DAYS))
        assert settled.states("m", P) is states


@pytest.mark.parametrize("day", [DAYS[0], DAYS[-1]])
def test_a_row_of_any_day_changes_that_day_alone(
    settled: Journal, monkeypatch: pytest.MonkeyPatch, day: date
) -> None:
    before, _ = settled.states("m", P), rows(settled)
    at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    settled.keep("m", P, day, [Row("another", at, {"at": at.isoformat()})], AT)
    now = settled.states("m", P)
    assert [each for each in now if now[each] != before[each]] == [day]
    with opened(monkeypatch) as count:
        assert (rows(settled)[day], count[0]) == (2, 1)


def test_another_process_opens_what_changed_since_and_trusts_no_older_word(
    settled: Journal, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(settled)
    settled.close()
    rows(settled)
    at = datetime(2026, 2, 25, 10, tzinfo=UTC)
    settled.keep("m", P, at.date(), [Row("another", at, {"at": at.isoformat()})], AT)
    (folder,) = {each.parent.parent.parent for each in tmp_path.rglob("day=*.sqlite")}
    with opened(monkeypatch) as count:
        again = rows(Journal(folder))
    assert again == rows(settled)
    assert 0 < count[0] < len(DAYS)
    (kept,) = folder.rglob("*.json")
    kept.write_text("{", encoding="utf-8")
    assert rows(Journal(folder)) == again


def test_a_folder_that_changed_just_now_is_looked_through_again(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "YOUNG_NS", 10**15)
    for n in range(5):
        journal.keep("m", P, AT.date(), [Row(str(n), AT, {"at": AT.isoformat()})], AT)
        assert rows(journal) == {AT.date(): n + 1}


def test_outcomes_of_any_day_and_orphans_are_matched_when_only_one_side_changed(
    settled: Journal, reader: PredictionReader
) -> None:
    def labelled() -> dict[date, int]:
        return {each.day: each.labelled for each in reader.tallies("m") if each.labelled}

    def tell(prediction_id: str, arrived: datetime) -> None:
        row = Row(prediction_id, AT, {"at": AT.isoformat(), "outcome": 1, "source": "x"})
        settled.keep("m", O, arrived.date(), [row], arrived)

    assert labelled() == {}
    tell(f"{DAYS[0]}", AT)
    tell("not yet", AT - timedelta(days=3))
    assert labelled() == {DAYS[0]: 1}
    time.sleep(0.05)  # what was written to is young no more
    before = reader.states("m")
    assert reader.states("m") == before
    settled.keep("m", P, DAYS[4], [Row("not yet", AT, {"at": AT.isoformat()})], AT)
    assert labelled() == {DAYS[0]: 1, DAYS[4]: 1}
    tell(f"{DAYS[9]}", AT - timedelta(days=3))
    assert labelled() == {DAYS[0]: 1, DAYS[4]: 1, DAYS[9]: 1}
