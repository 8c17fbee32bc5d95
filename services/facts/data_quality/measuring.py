"""How good the rows of one window are: expectations, repetitions, contradictions."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from services.facts.data_quality import pandera_adapter
from services.facts.data_quality.types import Expectation, Failure
from services.facts.evidence.types import MeasurementStatus
from services.facts.performance.statistics import wilson
from services.facts.prediction.columns import features, labels
from services.facts.prediction.marks import Marks
from services.facts.prediction.marks import marks as marked
from services.facts.prediction.marks import rows as row_marks
from services.facts.window.types import WindowMetric

FAILED = "data_quality.expectations_failed"


def measure(
    table: pa.Table,
    expectations: Sequence[Expectation],
    start: datetime,
    end: datetime,
    *,
    contradicting: int | None = None,
    marks: Marks | None = None,
    segment: str = "",
) -> list[WindowMetric]:
    """Measure the quality of a window's rows.

    Parameters
    ----------
    table
        The rows of the window, as the prediction log gives them.
    contradicting
        How many rows were sent again with another content, as the journal knows; None where it was
        not asked: what is not known is left out.
    marks
        Those of the table's features, where they are known already.

    Returns
    -------
    list
        How many expectations failed in all, and by column how many and on how many rows (in
        ``method``); the share of repeated inputs; the contradicting rows.
    """
    n = table.num_rows
    found = check(table, expectations, start, end, segment=segment)
    found.append(repetition(table, start, end, marks=marks, segment=segment))
    if contradicting is not None:
        metric, again = "data_quality.contradicting", float(contradicting)
        found.append(WindowMetric(start, end, metric, again, n, segment=segment))
    return found


def check(
    table: pa.Table,
    expectations: Sequence[Expectation],
    start: datetime,
    end: datetime,
    *,
    segment: str = "",
) -> list[WindowMetric]:
    """Return how many expectations failed: in all, and for each column of which one did."""
    n = table.num_rows
    if not n:
        few = MeasurementStatus.TOO_FEW
        return [WindowMetric(start, end, FAILED, None, 0, segment=segment, status=few)]
    by_column: dict[str, list[Failure]] = defaultdict(list)
    for each in pandera_adapter.failures(table, expectations):
        by_column[each.column].append(each)
    total = float(sum(len(its) for its in by_column.values()))
    found = [WindowMetric(start, end, FAILED, total, n, segment=segment, method="pandera")]
    for column, its in by_column.items():
        words = ", ".join(f"{each.check} {each.rows:,} of {each.of:,}" for each in its)
        name = column.removeprefix("f_")
        found.append(
            WindowMetric(start, end, FAILED, float(len(its)), n, name, segment, method=words)
        )
    return found


def repetition(
    table: pa.Table, start: datetime, end: datetime, *, marks: Marks | None = None,
    segment: str = "",
) -> WindowMetric:  # fmt: skip
    """Return the share of rows whose inputs were sent before in the same window.

    Notes
    -----
    By the features; where none are logged, by the digest of the input. Requests that failed do not
    count: who asks again after an error repeats nothing.
    """
    metric, n, different = "data_quality.duplicate_share", *_inputs(table, marks)
    if different is None:
        status = MeasurementStatus.NOT_ESTIMABLE if n else MeasurementStatus.TOO_FEW
        return WindowMetric(start, end, metric, None, n, segment=segment, status=status)
    share = wilson(n - different, n)
    return WindowMetric(
        start, end, metric, share.value, n, segment=segment, lo=share.lo, hi=share.hi,
        method=share.method,
    )  # fmt: skip


def _inputs(table: pa.Table, known: Marks | None) -> tuple[int, int | None]:
    """Return how many rows were answered, and how many different inputs they have; None: not logged."""
    ok = np.ones(table.num_rows, dtype=bool)
    if "status" in table.column_names:
        ok = labels(table, "status") == "ok"
    n = int(ok.sum())
    if not n:
        return 0, None
    if features(table):
        return n, len(np.unique(row_marks(marked(table) if known is None else known)[ok]))
    if "input_sha256" not in table.column_names:
        return n, None
    return n, len(table.column("input_sha256").filter(pa.array(ok)).unique())
