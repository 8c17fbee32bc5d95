"""From a segment's log into the segment, beside the batches that come in."""

import contextlib
import sqlite3
import threading
from pathlib import Path

FROM_BYTES = 4 * 2**20
LAST_RESORT_PAGES = 16_000


class Checkpoints:
    """One thread that empties logs, so that no batch waits for it.

    Notes
    -----
    A batch is on the disk as soon as its commit returns, in the log. Where this thread does not keep
    up, the batch that finds a log of some 64 MB empties it itself, as SQLite does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted: set[Path] = set()
        self._running: threading.Thread | None = None

    def beside(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """Return a connection whose commits leave the log as it is."""
        connection.execute(f"PRAGMA wal_autocheckpoint={LAST_RESORT_PAGES}")
        return connection

    def look(self, path: Path) -> None:
        """Empty the log of a segment soon where it is long."""
        with contextlib.suppress(FileNotFoundError):
            if path.with_name(f"{path.name}-wal").stat().st_size >= FROM_BYTES:
                self._want(path)

    def close(self) -> None:
        """Wait until what was begun is done."""
        running = self._running
        if running is not None:
            running.join()

    def _want(self, path: Path) -> None:
        with self._lock:
            self._wanted.add(path)
            if self._running is None:
                self._running = threading.Thread(target=self._empty, daemon=True)
                self._running.start()

    def _empty(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._running = None
                    return
                path = self._wanted.pop()
            with contextlib.suppress(sqlite3.Error):  # whoever commits later comes by again
                connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True)
                with contextlib.closing(connection):
                    connection.execute("PRAGMA synchronous=FULL")
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
