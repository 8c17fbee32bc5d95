"""Segments of the running day that stay open between batches."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from services.facts.prediction import segment

MOST = 32


class OpenSegments:
    """Connections that wait for the next batch; closing the last one would cost a checkpoint each time.

    Notes
    -----
    A connection that waits holds no lock, and compaction works beside it. A file must not be removed
    under one: SQLite names its log by path. So only segments of a running day wait here, and retention
    removes none that is younger than half a year.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Path, tuple[date, sqlite3.Connection]] = {}

    @contextmanager
    def taken(self, path: Path, day: date) -> Iterator[sqlite3.Connection]:
        """Give the connection to one batch alone; after an error it is closed.

        Parameters
        ----------
        day
            That of the segment; what is older than the day before it is closed.
        """
        with self._lock:
            found = self._waiting.pop(path, None)
        connection = found[1] if found else segment.connect(path)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        for each in self._put(path, day, connection):
            each.close()

    def _put(
        self, path: Path, day: date, connection: sqlite3.Connection
    ) -> list[sqlite3.Connection]:
        """Let a connection wait, and return those that no longer do."""
        with self._lock:
            known = self._waiting.pop(path, None)
            self._waiting[path] = (day, connection)
            places = list(self._waiting)
            gone = {p for p in places if self._waiting[p][0] < day - timedelta(days=1)}
            closed = [self._waiting.pop(p)[1] for p in gone | set(places[:-MOST])]
        return [*closed, *([known[1]] if known else [])]

    def close(self) -> None:
        """Close all that wait."""
        with self._lock:
            closed, self._waiting = list(self._waiting.values()), {}
        for _, connection in closed:
            connection.close()
