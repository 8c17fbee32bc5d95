"""One segment of the journal: a SQLite file, its tables and its counters."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from services.kernel.error import IntegrityBroken

_WAIT_SECONDS = 10.0
_FORM = 3
_TABLES = (
    # matched: of an outcome, the day of its prediction; of a prediction, that an outcome is known
    """CREATE TABLE row (
      seq INTEGER PRIMARY KEY, prediction_id TEXT NOT NULL, mark BLOB NOT NULL, at TEXT NOT NULL,
      received_at TEXT NOT NULL, body TEXT NOT NULL, matched TEXT,
      UNIQUE (prediction_id, mark))""",
    "CREATE INDEX row_at ON row (at)",
    """CREATE TABLE IF NOT EXISTS contradiction (
      prediction_id TEXT NOT NULL, mark BLOB NOT NULL, received_at TEXT NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (prediction_id, mark)) WITHOUT ROWID""",
    "CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE kind (name TEXT, kind TEXT, PRIMARY KEY (name, kind)) WITHOUT ROWID",
    "CREATE TABLE caller (who TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE came (stream TEXT, day TEXT, PRIMARY KEY (stream, day)) WITHOUT ROWID",
    "CREATE TABLE orphan (seq INTEGER PRIMARY KEY)",
    "CREATE TABLE searched (day TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
)
_FIRST_FORM = (
    """INSERT INTO row (prediction_id, mark, at, received_at, body)
       SELECT prediction_id, mark, at, received_at, body FROM old ORDER BY received_at""",
    "DROP TABLE old",
    "INSERT INTO tally SELECT 'rows', count(*) FROM row",
    "INSERT INTO tally SELECT 'contradicting', count(*) FROM contradiction",
)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a segment, and close it."""
    with closing(connect(path)) as connection:
        yield connection


def connect(path: Path) -> sqlite3.Connection:
    """Open a segment, made or brought to this form where it is not; statements commit themselves.

    One thread uses it at a time, any thread.
    """
    connection = sqlite3.connect(
        path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA synchronous=FULL")
        if _form(connection) != _FORM:
            path.chmod(0o600)
            connection.execute("PRAGMA journal_mode=WAL")
            with whole(connection):
                _bring(connection, _form(connection))
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def whole(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of it or nothing, alone."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _form(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _bring(connection: sqlite3.Connection, form: int) -> None:
    if form == _FORM:
        return
    if form not in (0, 1):
        raise IntegrityBroken("A segment of the prediction log was made by another release.")
    if form == 1:
        connection.execute("ALTER TABLE row RENAME TO old")
    for statement in (*_TABLES, *(_FIRST_FORM if form == 1 else ())):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version={_FORM}")


def count(connection: sqlite3.Connection, more: Mapping[str, int], schema: str = "main") -> None:
    """Add to the counters of a segment."""
    connection.executemany(
        f"INSERT INTO {schema}.tally VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n",
        sorted(more.items()),
    )


def tally(connection: sqlite3.Connection) -> Counter[str]:
    """Return the counters of a segment; one that never counted is 0."""
    return Counter(dict(connection.execute("SELECT name, n FROM tally")))


def mark(connection: sqlite3.Connection, name: str, n: int) -> None:
    """Set a counter of a segment."""
    connection.execute("INSERT OR REPLACE INTO tally VALUES (?, ?)", (name, n))


def kinds(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """Return which columns held values, and of which kinds."""
    return frozenset(connection.execute("SELECT name, kind FROM kind"))


def lines(
    connection: sqlite3.Connection,
    span: tuple[int, int | None],
    where: str = "TRUE",
    values: Sequence[Any] = (),
) -> Iterator[tuple[str, str, str]]:
    """Yield prediction id, instant of receipt and body of the rows that have one, in the order of arrival.

    Parameters
    ----------
    span
        After which row, and until which; None: to the last.
    """
    asked = f"""SELECT prediction_id, received_at, body FROM row
                WHERE seq > ? AND seq <= ? AND body != '' AND {where} ORDER BY seq"""
    until = 2**62 if span[1] is None else span[1]
    yield from connection.execute(asked, (span[0], until, *values))


def begin(connection: sqlite3.Connection, most: int) -> tuple[int, int]:
    """Return the span of rows that go into the next file; begun twice it is the same span.

    Rows are numbered from 1 without gaps, so that the last one of a span is also how many there are.
    """
    with whole(connection):
        held = tally(connection)
        if held["writing"] <= held["written"]:
            held["writing"] = min(held["rows"], held["written"] + most)
            mark(connection, "writing", held["writing"])
    return held["written"], held["writing"]


def clear(connection: sqlite3.Connection, until: int) -> None:
    """Let go of the bodies of rows that stand in a file; ids stay, so that duplicates are known.

    Let go of again by somebody slower, nothing is taken back.
    """
    with whole(connection):
        connection.execute("UPDATE row SET body = '' WHERE seq <= ? AND body != ''", (until,))
        mark(connection, "written", max(until, tally(connection)["written"]))
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
