"""Which columns of a window nobody can judge, because custody did not let their values in.

Notes
-----
Rows may come in long after they were scored, and custody holds of what comes in. So a column is
withheld when a decision since the window's begin explains that nothing of it is left; or when one that
was in force within the window explains that a part of it is not.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from services.facts.prediction.columns import labels
from services.facts.prediction.types import Custody
from services.kernel.period import Period

DROPPED, DIGESTED = "dropped", "digested"
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for the rows of a model, from an instant on until the next decision."""

    at: datetime
    custody: Custody


def withheld(
    rows: pa.Table, columns: Iterable[str], decisions: Sequence[Decision], period: Period
) -> dict[str, str]:
    """Return what became of the columns that custody withheld, by column.

    Parameters
    ----------
    rows
        Those of the window.
    columns
        As the log names them: ``f_age``.
    decisions
        Every decision of the model, oldest first.

    Returns
    -------
    dict
        ``dropped`` or ``digested``; a column that custody does not explain is not there.
    """
    within = [each.custody for each in _in_force(decisions, period.start, period.end)]
    since = [each.custody for each in _in_force(decisions, period.start, None)]
    found: dict[str, str] = {}
    for column in columns if since else ():
        names = {column, column.removeprefix("f_")}
        for word, meant in ((DROPPED, "dropped"), (DIGESTED, "hashed")):
            now, ever = (
                any(names & getattr(each, meant) for each in some) for some in (within, since)
            )
            if ever and _is_explained(_gone(rows, column, word), rows.num_rows, within=now):
                found[column] = word
    return found


def _in_force(
    decisions: Sequence[Decision], start: datetime, end: datetime | None
) -> list[Decision]:
    """Return the decisions that held at some moment from ``start`` until ``end``."""
    until = [*(each.at for each in decisions[1:]), None]
    return [
        each
        for each, over in zip(decisions, until, strict=False)
        if (over is None or over > start) and (end is None or each.at < end)
    ]


def _is_explained(gone: int, rows: int, *, within: bool) -> bool:
    return gone > 0 and (within or gone == rows)


def _gone(rows: pa.Table, column: str, word: str) -> int:
    """Return in how many rows the value is not there, or is but a digest."""
    if column not in rows.column_names:
        return rows.num_rows if word == DROPPED else 0
    held = rows.column(column)
    if word == DROPPED:
        return held.null_count
    told = labels(rows, column)
    return sum(each is not None and bool(_DIGEST.fullmatch(each)) for each in told)
