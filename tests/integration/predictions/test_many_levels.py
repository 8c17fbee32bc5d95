"""A column in which nearly every row says something else: an id by mistake, or free text."""

from datetime import UTC, datetime

import pytest

from services.facts.drift import rules
from services.facts.prediction.filing import Filing
from services.facts.prediction.journal import Journal
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.types import Row, Stream

AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
LEVELS, BATCH = 1_000_000, 50_000


@pytest.mark.slow
def test_a_million_levels_of_one_column_are_filed_read_and_profiled(
    journal: Journal, filing: Filing, reader: PredictionReader
) -> None:
    day, stream = AT.date(), Stream.PREDICTIONS
    body = {"at": AT.isoformat(), "version": 1}
    for start in range(0, LEVELS, BATCH):
        rows = [Row(str(n), AT, {**body, "f_x": f"level {n}"}) for n in range(start, start + BATCH)]
        assert journal.keep("m", stream, day, rows, AT).accepted == BATCH
    files = 0
    while filing.file("m", stream, day):
        files += 1
    assert files == 4
    held = reader.day("m", day, columns=["f_x"])
    assert len(held.column("f_x").unique()) == LEVELS
    binning = rules.category_binning(["level 0", "level 1", "level 1"])
    (batch,) = held.select(["f_x"]).combine_chunks().to_batches()
    profile = rules.profile_batch(batch, {"f_x": binning})["f_x"]
    assert (profile.rows, profile.nulls) == (LEVELS, 0)
    assert profile.counts[:2].tolist() == [1, 1]
    assert profile.counts.sum() == LEVELS
