"""The last five minutes, looked at every minute: what cannot wait until a day is over."""

from datetime import datetime, timedelta
from typing import Protocol

import pyarrow as pa
import structlog
from sqlmodel import Session

from services.facts.service_level.measuring import five_minutes
from services.facts.window.service import Windows
from services.facts.window.types import Granularity, Monitor, Seen, WindowMetric
from services.kernel.error import IntegrityBroken
from services.record.trail.unit_of_work import Store
from services.workflows.monitoring.rows import of_version

LENGTH, KEPT = timedelta(minutes=5), timedelta(days=2)
PULSE = Granularity.FIVE_MINUTES
log = structlog.get_logger(__name__)


class Recent(Protocol):
    """Where the newest rows are read."""

    def recent(self, model: str, since: datetime) -> pa.Table:
        """Return the predictions answered from an instant on."""
        ...


class Sent(Protocol):
    """Where numbers are that servers sent about themselves."""

    def window(
        self, session: Session, model: str, start: datetime, end: datetime
    ) -> list[WindowMetric]:
        """Return what was sent about a stretch."""
        ...


class Pulse:
    """Measures how every version that serves was served in the last five minutes."""

    def __init__(self, store: Store, windows: Windows, rows: Recent, sent: Sent) -> None:
        self._store, self._windows, self._rows, self._sent = store, windows, rows, sent

    def look(self) -> list[Monitor]:
        """Measure the five minutes before this minute, once; return the monitors that had something to tell.

        Notes
        -----
        Windows slide by a minute and are kept for two days: the day's own numbers are for ever.
        """
        now = self._store.clock.now()
        end = now.replace(second=0, microsecond=0)
        with self._store.reading() as session:
            watched = self._windows.monitors(session, ended=True)
            serving = [each for each in watched if each.ended_at is None]
            known = {m.monitor_id: self._windows.last_seen(session, m, PULSE) for m in serving}
        fresh = [m for m in serving if known[m.monitor_id] != end - LENGTH]
        served = [each for each in fresh if self._measure(each, end, now)]
        if served:
            with self._store.operational() as session:
                self._windows.forget(session, watched, PULSE, end - KEPT)
        return served

    def _measure(self, monitor: Monitor, end: datetime, now: datetime) -> bool:
        start = end - LENGTH
        try:
            rows = of_version(self._rows.recent(monitor.ref.name, start), monitor.ref.version)
        except IntegrityBroken as error:
            log.error("cannot be watched", model=monitor.ref.name, reason=error.message)
            return False
        with self._store.reading() as session:
            numbers = self._sent.window(session, monitor.ref.name, start, end)
        if rows.num_rows:
            numbers += five_minutes(rows, end)
        if not numbers:
            return False
        seen = Seen(start, end, rows.num_rows, 0, end.isoformat(), now, closed=True)
        with self._store.operational() as session:
            self._windows.file(session, monitor.monitor_id, PULSE, seen, [], numbers)
        return True
