"""What an answer takes is processor time: a busy machine is no slow model."""

import time
from typing import Any

import pandas as pd

from services.facts.scoring.child import timed

ROWS = pd.DataFrame({"a": range(5)})


def works(row: Any) -> None:
    until = time.process_time() + 0.02
    while time.process_time() < until:
        len(row)


def waits(row: Any) -> None:
    del row
    time.sleep(0.02)


def test_work_counts_and_waiting_does_not() -> None:
    worked, waited = timed(works, ROWS), timed(waits, ROWS)
    assert worked is not None
    assert worked >= 15.0
    assert (waited or 0.0) < worked / 2


def test_without_rows_nothing_is_timed() -> None:
    assert timed(works, ROWS.iloc[:0]) is None
