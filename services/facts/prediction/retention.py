"""Letting go of rows that are older than they are kept: recorded first, then done, and finished after a crash."""

from datetime import date, timedelta

from services.facts.prediction import repository
from services.facts.prediction.custody import Custodies
from services.facts.prediction.fsspec_adapter import PartFolder
from services.facts.prediction.journal import Journal
from services.facts.prediction.types import Stream
from services.kernel.identity import SYSTEM
from services.record.trail.unit_of_work import Store


class Retention:
    """Deletes days of models whose custody says for how long rows are kept.

    Notes
    -----
    The segment of a day is removed last: as long as it is there, the deletion is not finished. A day
    whose rows still wait for a file is left until they are written, so that the record of the
    deletion names the digests of everything that was deleted.
    """

    def __init__(
        self, store: Store, journal: Journal, folder: PartFolder, custodies: Custodies
    ) -> None:
        self._store, self._journal, self._folder = store, journal, folder
        self._custodies = custodies

    def run(self, today: date) -> int:
        """Delete what is too old; return how many days of rows were deleted."""
        deleted = 0
        for stream in Stream:
            for model in self._journal.models(stream):
                with self._store.reading() as session:
                    keep_days = self._custodies.of(session, model).keep_days
                if keep_days is None:
                    continue
                first = today - timedelta(days=keep_days)
                for day in self._journal.days(model, stream):
                    if day < first and self._is_written(model, stream, day):
                        self._delete(model, stream, day)
                        deleted += 1
        return deleted

    def _is_written(self, model: str, stream: Stream, day: date) -> bool:
        held = self._journal.tally(model, stream, day)
        return held["rows"] == held["written"]

    def _delete(self, model: str, stream: Stream, day: date) -> None:
        with self._store.unit(SYSTEM) as unit:
            files = repository.files(unit.session, model, stream, day, day)
            if files:
                seq = unit.event(
                    "predictions:deleted",
                    ("model", model),
                    stream=stream.value,
                    day=day.isoformat(),
                    files=[
                        {
                            "path": f.path,
                            "rows": f.rows,
                            "sha256": f.sha256,
                            "rows_sha256": f.rows_sha256,
                        }
                        for f in files
                    ],
                )
                repository.note_deleted(unit.session, files, seq, unit.now)
        with self._store.reading() as session:
            gone = repository.files(session, model, stream, day, day, deleted=True)
        for each in gone:
            self._folder.delete(each.path)
        self._journal.forget(model, stream, day)
