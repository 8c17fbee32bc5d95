"""Questions over many days of the prediction log that nobody prepared; for the worker."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from services.facts.prediction import frame
from services.facts.prediction.asked import Asked
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.types import Stream


class PredictionQuestions(PredictionReader):
    """What models said, by day, and what many days together say."""

    def breakdown(
        self,
        model: str,
        column: str,
        segment_column: str,
        *,
        since: date,
        until: date,
        kind: str = "number",
        most: int = 10,
        version: int | None = None,
    ) -> pa.Table:
        """Return the values of a column by day and segment; any column may split, none is prepared.

        Parameters
        ----------
        column, segment_column
            As the log names them: ``f_temperature``, ``s_carrier``.
        since, until
            The first and the last day.
        kind
            ``number``: what is no number is null; ``category``: text.
        most
            How many segments, the largest ones over all days; rows without a segment are left out.
        version
            Only what this version answered; None: every one.

        Returns
        -------
        Columns ``day``, ``segment``, ``n`` and ``values``, a list that holds nulls too; by day and
        segment. No rows at all where the log holds none.

        Raises
        ------
        InvalidInput
            When no row has one of the columns.
        """
        from services.facts.prediction import duckdb_adapter

        wanted = ("prediction_id", "at", "version", column, segment_column)
        files, waiting = self._spread(model, since, until, wanted)
        return duckdb_adapter.grouped(
            files, self._folder.filesystem, waiting, (column, kind), segment_column, most,
            version=version,
        )  # fmt: skip

    def asked(self, model: str, *, since: date, until: date) -> list[Asked]:
        """Return how often each version was asked, and how often for the same again.

        Parameters
        ----------
        since, until
            The first and the last day.

        Notes
        -----
        Two questions are the same when their inputs are: the digest that the caller sent
        (``input_sha256``), else all features. A row without either is counted and compared with none.
        """
        from services.facts.prediction import duckdb_adapter

        files, waiting = self._spread(model, since, until, None)
        return duckdb_adapter.asked(files, self._folder.filesystem, waiting)

    def _spread(
        self, model: str, since: date, until: date, columns: Sequence[str] | None
    ) -> tuple[list[str], pa.Table | None]:
        """Return the files of some days that were written whole, and the rows of the others."""
        files, waiting = list[str](), list[pa.Table]()
        for day in (each for each in self.days(model) if since <= each <= until):
            held = self._journal.tally(model, Stream.PREDICTIONS, day)
            if held["written"] == held["rows"]:
                named = self._files(model, Stream.PREDICTIONS, day, day)
                files += [self._folder.address(each.path) for each in named]
            else:
                rows = self._read(model, Stream.PREDICTIONS, day, columns=columns)
                waiting.append(frame.first_of(rows))
        return files, frame.together(waiting) if waiting else None
