"""Which rows of the log a window is about."""

from collections.abc import Sequence

import pyarrow as pa

from services.facts.prediction import frame
from services.facts.prediction.columns import within
from services.kernel.period import Period


def own(days: Sequence[pa.Table], version: int, period: Period) -> pa.Table:
    """Return the rows of one version inside a period."""
    rows = frame.together([each for each in days if each.num_rows])
    return within(of_version(rows, version), period.start, period.end)


def of_version(rows: pa.Table, version: int) -> pa.Table:
    """Return the rows that one version answered."""
    if not rows.num_rows:
        return rows
    return rows.filter(frame.compute.equal(rows.column("version"), version))


def labelled_of(rows: pa.Table) -> pa.Table:
    """Return the rows whose outcome is known."""
    if "outcome" not in rows.column_names:
        return rows.slice(0, 0)
    return rows.filter(frame.compute.is_valid(rows.column("outcome")))
