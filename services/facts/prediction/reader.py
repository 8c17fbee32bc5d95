"""Reading the prediction log: days as typed tables, each prediction with its outcome."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import pyarrow as pa

from services.facts.prediction import columns, frame, repository
from services.facts.prediction.fsspec_adapter import PartFolder
from services.facts.prediction.journal import Journal
from services.facts.prediction.matching import Matching
from services.facts.prediction.types import DayTally, LogFile, Stream
from services.record.trail.unit_of_work import Store

_ALWAYS = ("prediction_id", "at", "received_at")


class PredictionReader:
    """What models said, by day; for the worker.

    Parameters
    ----------
    journal
        What was not yet written into files, and the counters of every day.
    folder
        Where the files are that the ledger names.
    """

    def __init__(self, store: Store, journal: Journal, folder: PartFolder) -> None:
        self._store, self._journal, self._folder = store, journal, folder
        self._matching = Matching(journal)

    def days(self, model: str) -> list[date]:
        """Return the days of which there are predictions, oldest first."""
        return self._journal.days(model, Stream.PREDICTIONS)

    def tallies(self, model: str, since: date | None = None) -> list[DayTally]:
        """Return how much there is of each day, oldest first; reads counters, no rows.

        Outcomes that came in since the last call are put to their days first.
        """
        self._matching.match(model)
        held = self._journal.tallies(model, Stream.PREDICTIONS, since or date.min)
        return [DayTally.of(day, its) for day, its in held]

    def states(self, model: str) -> Mapping[date, int]:
        """Return a number by day that differs when its tally does; the same object where none does."""
        self._matching.match(model)
        return self._journal.states(model, Stream.PREDICTIONS)

    def contradicting(self, model: str, day: date) -> int:
        """Return how many predictions of a day were sent again with another content."""
        return self._journal.tally(model, Stream.PREDICTIONS, day)["contradicting"]

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
        self._matching.match(model)
        held = self._predictions(model, day, columns, as_of)
        if not held.num_rows:
            return held
        return frame.settled(frame.labelled(held, self._outcomes(model, day, as_of)))

    def recent(self, model: str, since: datetime) -> pa.Table:
        """Return the predictions answered from an instant on, by time and id, without outcomes."""
        days = [day for day in self.days(model) if day >= since.date()]
        held = frame.together([self._read(model, Stream.PREDICTIONS, d, since=since) for d in days])
        if not held.num_rows:
            return held
        asked = pa.scalar(since, frame.INSTANT)
        recent = held.filter(frame.compute.greater_equal(held.column("at"), asked))
        return frame.settled(frame.first_of(recent))

    def protected(self, model: str, day: date) -> pa.Table:
        """Return the protected attributes of a day's predictions as ``prediction_id`` and ``a_…``.

        Of two rows about one prediction the one received last counts. For the fairness instrument;
        a person reads them through :class:`ProtectedReading`.
        """
        self._matching.match(model, Stream.PROTECTED)
        parts = [
            self._read(model, Stream.PROTECTED, arrived, matched=day)
            for arrived in self._journal.arrivals(model, Stream.PROTECTED, day)
        ]
        held = frame.together(parts)
        if not held.num_rows:
            return held
        ids = self._read(model, Stream.PREDICTIONS, day, columns=("prediction_id",))
        named = [n for n in held.schema.names if n == "prediction_id" or n.startswith("a_")]
        return frame.about(frame.last_of(held).select(named), ids)

    def rows(
        self,
        model: str,
        day: date,
        segment: str = "",
        limit: int = 200,
        *,
        version: int | None = None,
    ) -> pa.Table:
        """Return the first rows of a day in a segment, by time; for people who may see rows.

        Parameters
        ----------
        segment
            As evidence names segments, ``carrier=UA``; of a segment, a feature or another column.
        version
            Only what this version answered; None: every one.
        """
        held = frame.of_version(self.day(model, day), version)
        return frame.within(held, segment).slice(0, limit)

    def sample(
        self,
        model: str,
        start: datetime,
        end: datetime,
        segment: str = "",
        n: int = 50_000,
        seed: int = 0,
        *,
        version: int | None = None,
    ) -> pa.Table:
        """Return rows of a period drawn without replacement, each with its outcome, by time.

        The same seed draws the same rows, wherever they are stored; of a version, where one is named.
        """
        held = pa.table({})
        for day in (each for each in self.days(model) if start.date() <= each <= end.date()):
            rows = frame.of_version(self.day(model, day), version)
            part = frame.within(columns.within(rows, start, end), segment) if len(rows) else rows
            if len(part):
                held = frame.drawn(frame.together([held, part]), n, seed)
        return frame.settled(held) if held.num_rows else held

    def _predictions(
        self, model: str, day: date, columns: Sequence[str] | None, as_of: datetime | None
    ) -> pa.Table:
        wanted = None if columns is None else (*_ALWAYS, *columns)
        held = self._read(model, Stream.PREDICTIONS, day, columns=wanted)
        return frame.until(frame.first_of(held) if held.num_rows else held, as_of)

    def _outcomes(self, model: str, day: date, as_of: datetime | None) -> pa.Table:
        parts = [
            self._read(model, Stream.OUTCOMES, arrived, matched=day)
            for arrived in self._journal.arrivals(model, Stream.OUTCOMES, day)
        ]
        return frame.until(frame.together(parts), as_of)

    def _read(
        self,
        model: str,
        stream: Stream,
        day: date,
        *,
        columns: Sequence[str] | None = None,
        since: datetime | None = None,
        matched: date | None = None,
    ) -> pa.Table:
        """Return files and journal of a day, in the order of arrival; a row may stand in both.

        The journal is read first: what it lets go of meanwhile, the ledger names.
        """
        rows = self._journal.rows(model, stream, day, since=since, matched=matched)
        waiting = frame.gathered(rows)
        if columns is not None:
            waiting = waiting.select([n for n in waiting.schema.names if n in columns])
        filed = [
            self._folder.read(each.path, columns)
            for each in self._files(model, stream, day, day)
            if since is None or each.last_at >= since
        ]
        return frame.together([*filed, *([waiting] if waiting.num_rows else [])])

    def _files(self, model: str, stream: Stream, since: date, until: date) -> list[LogFile]:
        with self._store.reading() as session:
            return repository.files(session, model, stream, since, until)
