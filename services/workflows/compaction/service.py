"""When a segment of the journal is written into a file."""

from datetime import UTC, date, datetime, time, timedelta

import structlog

from services.facts.prediction.filing import MOST_ROWS, Filing
from services.facts.prediction.journal import Journal
from services.facts.prediction.retention import Retention
from services.facts.prediction.types import Stream
from services.kernel.clock import Clock
from services.kernel.error import IntegrityBroken

QUIET = timedelta(hours=1)
MOST_FILES = 8
log = structlog.get_logger(__name__)


class Compaction:
    """Writes segments that are large, and those of days that are over.

    Notes
    -----
    A day that is over is written when nothing came in for an hour, so that a small day is one file
    and rows that come late do not become one file each.
    """

    def __init__(
        self, journal: Journal, filing: Filing, retention: Retention, clock: Clock
    ) -> None:
        self._journal, self._filing, self._clock = journal, filing, clock
        self._retention = retention

    def run(self) -> int:
        """Write some files, the oldest days first, and delete what is too old; return how many were written.

        Raises
        ------
        SourceUnavailable
            When a place takes no file; the rows stay where they are.
        """
        written = 0
        for stream in Stream:
            for model in self._journal.models(stream):
                for day in self._journal.days(model, stream):
                    try:
                        written += self._write(model, stream, day, MOST_FILES - written)
                    except IntegrityBroken as error:
                        log.error("cannot be filed", model=model, reason=error.message)
        self._retention.run(self._clock.now().date())
        return written

    def _write(self, model: str, stream: Stream, day: date, most: int) -> int:
        written = 0
        while written < most and self._is_due(model, stream, day):
            file = self._filing.file(model, stream, day)
            if file is None:
                break
            written += 1
            log.info("predictions filed", model=model, path=file.path, rows=file.rows)
        return written

    def _is_due(self, model: str, stream: Stream, day: date) -> bool:
        held = self._journal.tally(model, stream, day)
        waiting = held["rows"] - held["written"]
        if not waiting:
            return False
        now = self._clock.now()
        over = now >= datetime.combine(day + timedelta(days=1), time(), UTC) + QUIET
        return waiting >= MOST_ROWS or (
            over and now - self._journal.last_received(model, stream, day) >= QUIET
        )
