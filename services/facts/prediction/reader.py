"""Reading the prediction log: days as typed tables, each prediction with its outcome."""

from collections.abc import Sequence
from datetime import date, datetime

import pyarrow as pa

from services.facts.prediction import frame
from services.facts.prediction.journal import Journal
from services.facts.prediction.matching import match
from services.facts.prediction.types import DayTally, Stream

_ALWAYS = ("prediction_id", "at", "received_at")


class PredictionReader:
    """What models said, by day; for the worker.

    Parameters
    ----------
    journal
        What was not yet written into files.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def days(self, model: str) -> list[date]:
        """Return the days of which there are predictions, oldest first."""
        return self._journal.days(model, Stream.PREDICTIONS)

    def tallies(self, model: str, since: date) -> list[DayTally]:
        """Return how much there is of each day, oldest first; reads counters, no rows.

        Outcomes that came in since the last call are put to their days first.
        """
        match(self._journal, model)
        return [self._tally(model, day) for day in self.days(model) if day >= since]

    def _tally(self, model: str, day: date) -> DayTally:
        held = self._journal.tally(model, Stream.PREDICTIONS, day)
        stamp = f"{held['rows']}.{held['outcomes']}"
        return DayTally(day, held["rows"], held["labelled"], stamp)

    def day(
        self,
        model: str,
        day: date,
        columns: Sequence[str] | None = None,
        as_of: datetime | None = None,
    ) -> pa.Table:
        """Return the predictions of a day by time and id, each with its outcome.

        Numbers are int64 or float64, instants microseconds in UTC. A column of mixed kinds is text;
        a column that no row has is absent. ``outcome``, ``outcome_at`` and ``outcome_received_at``
        are of the outcome received last, null where none is known.

        Parameters
        ----------
        columns
            Those to read, of the ones there are; ``prediction_id``, ``at``, ``received_at`` and the
            outcome are always there. None: all.
        as_of
            Only what was received until this instant; None: everything.
        """
        match(self._journal, model)
        held = self._predictions(model, day, columns, as_of)
        if not held.num_rows:
            return held
        return frame.settled(frame.labelled(held, self._outcomes(model, day, as_of)))

    def recent(self, model: str, since: datetime) -> pa.Table:
        """Return the predictions answered from an instant on, by time and id, without outcomes."""
        days = [day for day in self.days(model) if day >= since.date()]
        parts = [
            frame.table(self._journal.rows(model, Stream.PREDICTIONS, day, since=since))
            for day in days
        ]
        found = frame.together([each for each in parts if each.num_rows])
        return frame.settled(found) if found.num_rows else found

    def _predictions(
        self, model: str, day: date, columns: Sequence[str] | None, as_of: datetime | None
    ) -> pa.Table:
        held = frame.table(self._journal.rows(model, Stream.PREDICTIONS, day))
        if columns is not None:
            held = held.select([n for n in held.schema.names if n in (*_ALWAYS, *columns)])
        return frame.until(held, as_of)

    def _outcomes(self, model: str, day: date, as_of: datetime | None) -> pa.Table:
        parts = [
            frame.table(self._journal.rows(model, Stream.OUTCOMES, arrived, matched=day))
            for arrived in self._journal.arrivals(model, day)
        ]
        return frame.until(frame.together([each for each in parts if each.num_rows]), as_of)
