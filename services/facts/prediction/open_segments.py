"""Segments of the running day that stay open between batches."""

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from services.facts.prediction import segment
from services.facts.prediction.checkpoints import Checkpoints

MOST = 32


class OpenSegments:
    """Connections that wait for the next batch; closing the last one would cost a checkpoint each time.

    Notes
    -----
    A connection that waits holds no lock, and compaction works beside it. A file must not be removed
    under one: SQLite names its log by path. So only segments of a running day wait here, and retention
    removes none that is younger than half a year. Batches of one segment come one after the other:
    whoever waits for another thread is woken, whoever waits for another process asks again and again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)
        self._waiting: dict[Path, tuple[date, sqlite3.Connection]] = {}
        self._checkpoints = Checkpoints()

    @contextmanager
    def taken(self, path: Path, day: date) -> Iterator[sqlite3.Connection]:
        """Give the connection to one batch alone; after an error it is closed.

        Parameters
        ----------
        day
            That of the segment; what is older than the day before it is closed.
        """
        with self._lock:
            turn = self._turns[path]
        with turn:
            with self._lock:
                found = self._waiting.pop(path, None)
            connection = found[1] if found else self._checkpoints.beside(segment.connect(path))
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            for each in self._put(path, day, connection):
                each.close()
        self._checkpoints.look(path)

    def _put(
        self, path: Path, day: date, connection: sqlite3.Connection
    ) -> list[sqlite3.Connection]:
        """Let a connection wait, and return those that no longer do."""
        with self._lock:
            known = self._waiting.pop(path, None)
            self._waiting[path] = (day, connection)
            places = list(self._waiting)
            gone = {p for p in places if self._waiting[p][0] < day - timedelta(days=1)}
            gone |= set(places[:-MOST])
            closed = [self._waiting.pop(p)[1] for p in gone]
            for each in gone:
                self._turns.pop(each, None)
        return [*closed, *([known[1]] if known else [])]

    def close(self) -> None:
        """Close all that wait."""
        self._checkpoints.close()
        with self._lock:
            closed, self._waiting = list(self._waiting.values()), {}
        for _, connection in closed:
            connection.close()
