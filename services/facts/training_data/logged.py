"""Rows of the prediction log whose outcomes arrived."""

from datetime import date, datetime, timedelta
from typing import Protocol

import pyarrow as pa

from services.facts.prediction import frame
from services.facts.prediction.reader import PredictionReader
from services.facts.training_data.columns import compute
from services.facts.training_data.types import Source
from services.kernel.error import InvalidInput

PREFIX = "predictions:"


class LoggedRows(Protocol):
    """Whatever knows the rows of the prediction log."""

    def rows(self, source: Source, model: str, as_of: datetime | None = None) -> pa.Table:
        """Return them as a training takes them; see :class:`PredictionRows`."""
        ...


class NoLog:
    """Where there is no prediction log, as on a machine without a workspace."""

    def rows(self, source: Source, model: str, as_of: datetime | None = None) -> pa.Table:  # noqa: ARG002 - of the protocol
        """Say so.

        Raises
        ------
        InvalidInput
            Always.
        """
        raise InvalidInput(f"The prediction log of {model} is where the console is, not here.")


class PredictionRows:
    """The prediction log as a source of training rows."""

    def __init__(self, reader: PredictionReader) -> None:
        self._reader = reader

    def rows(self, source: Source, model: str, as_of: datetime | None = None) -> pa.Table:
        """Return the features of answered predictions with their outcome, by time and id.

        Features lose their prefix; the outcome bears the target's name, the id and the instant the
        names that the source gives them, and stay away where it gives none.

        Raises
        ------
        InvalidInput
            When nothing has an outcome yet, or a feature bears the name of another column.
        """
        parts = [
            each
            for day in self._days(source, model, as_of)
            if (each := _labelled(self._reader.day(model, day, as_of=as_of))).num_rows
        ]
        held = frame.together(parts)
        if not held.num_rows:
            raise InvalidInput(f"No outcome of {model} arrived yet; there is nothing to train on.")
        return _named(source, held)

    def _days(self, source: Source, model: str, as_of: datetime | None) -> list[date]:
        """Return the days that can hold rows of the window; its edges are cut by the instant later."""
        days, window = self._reader.days(model), source.window
        if window.until is not None:
            days = [day for day in days if day <= window.until.date()]
        if window.days is None or not days:
            return days
        newest = next((d for d in reversed(days) if _labelled(self._reader.day(model, d, (), as_of)).num_rows), days[-1])  # fmt: skip
        return [day for day in days if day >= newest - timedelta(days=window.days)]


def _labelled(held: pa.Table) -> pa.Table:
    return held.filter(compute.is_valid(held.column("outcome"))) if held.num_rows else held


def _named(source: Source, held: pa.Table) -> pa.Table:
    wanted = {"outcome": source.target, "at": source.time, "prediction_id": source.id}
    columns = {name.removeprefix("f_"): held.column(name) for name in held.column_names if name.startswith("f_")}  # fmt: skip
    for name, told in wanted.items():
        if told in columns:
            raise InvalidInput(f"A feature is called {told!r} already; name that column otherwise.")
        if told:
            columns[told] = held.column(name)
    return pa.table(columns)
