"""When a segment of the journal is written into a file."""

from collections.abc import Mapping
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
    and rows that come late do not become one file each. What is too old is let go of once an hour.
    """

    def __init__(
        self, journal: Journal, filing: Filing, retention: Retention, clock: Clock
    ) -> None:
        self._journal, self._filing, self._clock = journal, filing, clock
        self._retention = retention
        self._filed: dict[tuple[str, Stream], Mapping[date, int]] = {}
        self._let_go: datetime | None = None

    def run(self) -> int:
        """Write some files, the oldest days first, and delete what is too old; return how many were written.

        Raises
        ------
        SourceUnavailable
            When a place takes no file; the rows stay where they are.
        """
        written, now = 0, self._clock.now()
        for stream in Stream:
            for model in self._journal.models(stream):
                written += self._file(model, stream, MOST_FILES - written)
        if self._let_go is None or not timedelta() <= now - self._let_go < QUIET:
            self._retention.run(now.date())
            self._let_go = now
        return written

    def _file(self, model: str, stream: Stream, most: int) -> int:
        """Write the days of a model that wait; those without a row that waits are known by their state."""
        written, waiting = 0, set[date]()
        states = self._journal.states(model, stream)
        known = self._filed.get((model, stream), {})
        if states is known:
            return 0
        for day in (d for d, state in states.items() if known.get(d) != state):
            try:
                written += self._write(model, stream, day, most - written)
                if self._waiting(model, stream, day):
                    waiting.add(day)
            except IntegrityBroken as error:
                log.error("cannot be filed", model=model, reason=error.message)
                waiting.add(day)
        rest = {day: state for day, state in states.items() if day not in waiting}
        self._filed[model, stream] = rest if waiting else states
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
        waiting = self._waiting(model, stream, day)
        if not waiting:
            return False
        now = self._clock.now()
        over = now >= datetime.combine(day + timedelta(days=1), time(), UTC) + QUIET
        return waiting >= MOST_ROWS or (
            over and now - self._journal.last_received(model, stream, day) >= QUIET
        )

    def _waiting(self, model: str, stream: Stream, day: date) -> int:
        held = self._journal.tally(model, stream, day)
        return held["rows"] - held["written"]
