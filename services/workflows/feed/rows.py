"""The file of a stream: its days, and the rows of a day as a sender would write them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from services.kernel.error import InvalidInput
from services.workflows.feed.types import DAY, Span

PREFIXES = {"f_": "features", "s_": "segments"}
PROTECTED = "p_"
SENT = (
    "prediction_id", "caller", "status", "error_type", "latency_ms", "score", "prediction", "threshold",
    "decision",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Ordered:
    """A table in the order of an instant, and the day of each row, shape (n,)."""

    table: pa.Table
    days: npt.NDArray[np.datetime64]

    def of(self, day: date) -> pa.Table:
        """Return the rows of a day."""
        first, last = np.searchsorted(self.days, np.array([day, day + DAY], dtype="datetime64[D]"))
        return self.table.slice(int(first), int(last - first))

    @property
    def distinct(self) -> list[date]:
        """Return the days that have rows, oldest first."""
        return np.unique(self.days).tolist()


class Rows:
    """The rows of a stream.

    Parameters
    ----------
    path
        A Parquet file of one row a prediction.

    Raises
    ------
    InvalidInput
        When it is no such file.
    """

    def __init__(self, path: Path) -> None:
        try:
            table = pq.read_table(path)
            self._asked = _ordered(table, "at")
            self._known = _ordered(table.filter(table["outcome"].is_valid()), "outcome_at")
        except (pa.ArrowInvalid, OSError, KeyError) as error:
            raise InvalidInput("replay/predictions.parquet cannot be read.") from error
        if not table.num_rows:
            raise InvalidInput("replay/predictions.parquet holds no rows.")

    @property
    def span(self) -> Span:
        """Return the own days of the stream."""
        asked, known = self._asked.distinct, self._known.distinct
        return Span(asked[0], asked[-1], max(asked[-1], *known))

    def days(self, shift_days: int) -> set[date]:
        """Return the days that hold predictions or outcomes, as shifted."""
        held = {*self._asked.distinct, *self._known.distinct}
        return {day + shift_days * DAY for day in held}

    def predictions(self, day: date, shift_days: int, version: int) -> list[dict[str, Any]]:
        """Return the predictions of a shifted day, of one version."""
        its = self._asked.of(day - shift_days * DAY)
        return [{**row, "version": version} for row in _sent(its, shift_days)]

    def outcomes(self, day: date, shift_days: int, source: str) -> list[dict[str, Any]]:
        """Return the outcomes that came in on a shifted day, and who says so."""
        its = self._known.of(day - shift_days * DAY)
        its = its.select(["prediction_id", "outcome_at", "outcome"])
        return [
            {
                "prediction_id": row["prediction_id"],
                "at": row["outcome_at"] + shift_days * DAY,
                "outcome": row["outcome"],
                "source": source,
            }
            for row in its.to_pylist()
        ]

    def protected(self, day: date, shift_days: int) -> list[dict[str, Any]]:
        """Return the protected attributes that are known of the predictions of a shifted day."""
        its = self._asked.of(day - shift_days * DAY)
        its = its.select(["prediction_id", "at", *_prefixed(its, PROTECTED)])
        return [
            {"prediction_id": row.pop("prediction_id"), "at": row.pop("at") + shift_days * DAY,
             "attributes": {name[2:]: value for name, value in row.items() if value is not None}}
            for row in its.to_pylist()
            if any(row[name] is not None for name in _prefixed(its, PROTECTED))
        ]  # fmt: skip


def _prefixed(table: pa.Table, prefix: str) -> list[str]:
    return [name for name in table.column_names if name.startswith(prefix)]


def _ordered(table: pa.Table, name: str) -> Ordered:
    held = table.sort_by(name)
    return Ordered(held, held[name].to_numpy().astype("datetime64[D]"))


def _sent(table: pa.Table, shift_days: int) -> Iterator[dict[str, Any]]:
    groups = {told: _prefixed(table, prefix) for prefix, told in PREFIXES.items()}
    for row in table.to_pylist():
        held: dict[str, Any] = {name: row[name] for name in SENT}
        held["at"] = row["at"] + shift_days * DAY
        for told, names in groups.items():
            held[told] = {name[2:]: row[name] for name in names}
        yield held
