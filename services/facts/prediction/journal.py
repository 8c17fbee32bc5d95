"""Where rows wait until they are written into Parquet: one SQLite file for each model, stream and day.

Notes
-----
A commit with ``synchronous=FULL`` is on the disk before it returns, whole or not at all; that and the
primary key are all that *acknowledged, never lost, never twice* needs. Several processes may write.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote, unquote

from services.facts.prediction.types import DayCount, Kept, Row, Stream
from services.kernel.error import IntegrityBroken, SourceUnavailable

_WAIT_SECONDS = 10.0
_TABLES = """
CREATE TABLE IF NOT EXISTS row (
  prediction_id TEXT NOT NULL, mark BLOB NOT NULL, at TEXT NOT NULL, received_at TEXT NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY (prediction_id, mark)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contradiction (
  prediction_id TEXT NOT NULL, mark BLOB NOT NULL, received_at TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (prediction_id, mark)) WITHOUT ROWID;
"""


class Journal:
    """The segments of a folder.

    Parameters
    ----------
    folder
        On a local disk; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(
        self, model: str, stream: Stream, day: date, rows: Sequence[Row], received_at: datetime
    ) -> Kept:
        """Store the rows of one day; they are on the disk when this returns.

        A prediction is known by its id, and the first one stays. Outcomes are all kept; one that
        says exactly what is known already is a duplicate.

        Raises
        ------
        SourceUnavailable
            When the disk is full, or does not take rows; nothing of the batch's day was stored.
        IntegrityBroken
            When the file of that day is damaged.
        """
        path = self._path(model, stream, day)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._open(path) as connection:
                return _keep(connection, stream, rows, received_at.isoformat())
        except (OSError, sqlite3.OperationalError) as error:
            words = "The prediction log cannot be written; is its disk full? Send the batch again."
            raise SourceUnavailable(words, error=str(error), path=str(path)) from error
        except sqlite3.DatabaseError as error:
            words = f"The prediction log of {model} for {day} is damaged; restore it from a backup."
            raise IntegrityBroken(words, error=str(error), path=str(path)) from error

    def models(self, stream: Stream) -> list[str]:
        """Return the models of which there are rows, by name."""
        folders = (self._folder / stream).glob("model=*")
        return sorted(unquote(each.name.removeprefix("model=")) for each in folders)

    def days(self, model: str, stream: Stream) -> list[date]:
        """Return the days of which there are rows, oldest first."""
        found = self._path(model, stream, date.min).parent.glob("day=*.sqlite")
        return sorted(date.fromisoformat(each.stem.removeprefix("day=")) for each in found)

    def count(self, model: str, stream: Stream, day: date) -> DayCount:
        """Return how many rows a day holds; a day without a segment holds none."""
        path = self._path(model, stream, day)
        if not path.exists():
            return DayCount(day, 0, 0, None, None)
        with self._open(path) as connection:
            n, first, last = connection.execute(
                "SELECT count(*), min(at), max(at) FROM row"
            ).fetchone()
            (other,) = connection.execute("SELECT count(*) FROM contradiction").fetchone()
        return DayCount(day, n, other, _instant(first), _instant(last))

    def rows(self, model: str, stream: Stream, day: date) -> Iterator[Row]:
        """Yield the rows of a day by id; outcomes of one id as they were received."""
        path = self._path(model, stream, day)
        if not path.exists():
            return
        with self._open(path) as connection:
            asked = "SELECT prediction_id, at, received_at, body FROM row ORDER BY 1, 3"
            for prediction_id, at, received_at, body in connection.execute(asked):
                held = {**json.loads(body), "received_at": received_at}
                yield Row(prediction_id, datetime.fromisoformat(at), held)

    def _path(self, model: str, stream: Stream, day: date) -> Path:
        name = quote(model, safe=" ").replace(".", "%2E")
        return self._folder / stream / f"model={name}" / f"day={day.isoformat()}.sqlite"

    @contextmanager
    def _open(self, path: Path) -> Iterator[sqlite3.Connection]:
        opened = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        with closing(opened) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            if connection.execute("PRAGMA user_version").fetchone() == (0,):
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(_TABLES)
                connection.execute("PRAGMA user_version=1")
                path.chmod(0o600)
            yield connection


def _keep(
    connection: sqlite3.Connection, stream: Stream, rows: Sequence[Row], received_at: str
) -> Kept:
    kept = Kept()
    connection.execute("BEGIN IMMEDIATE")
    try:
        for row in rows:
            body = json.dumps(dict(row.body), sort_keys=True, separators=(",", ":"))
            mark = hashlib.sha256(body.encode()).digest()[:16]
            kept += _keep_one(
                connection, stream, (row.prediction_id, mark, row.at, received_at, body)
            )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return kept


def _keep_one(
    connection: sqlite3.Connection, stream: Stream, row: tuple[str, bytes, datetime, str, str]
) -> Kept:
    prediction_id, mark, at, received_at, body = row
    known = connection.execute("SELECT mark FROM row WHERE prediction_id = ?", (prediction_id,))
    marks = [each for (each,) in known]
    if mark in marks:
        return Kept(duplicates=1)
    if marks and stream is Stream.PREDICTIONS:
        told = (prediction_id, mark, received_at, body)
        connection.execute("INSERT OR IGNORE INTO contradiction VALUES (?, ?, ?, ?)", told)
        return Kept(duplicates=1, contradicting=1)
    values = (prediction_id, mark, at.isoformat(), received_at, body)
    connection.execute("INSERT INTO row VALUES (?, ?, ?, ?, ?)", values)
    return Kept(accepted=1)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
