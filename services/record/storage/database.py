"""Connections to the governance database: SQLite embedded, PostgreSQL for teams."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlmodel import Session

from services.kernel.error import InvalidInput, SourceUnavailable
from services.record.storage.remember import begin as begin_memory
from services.record.storage.touched import watch

_PRAGMAS = (
    "PRAGMA busy_timeout=30000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA trusted_schema=OFF",
)
_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_DENIED = frozenset(
    {
        sqlite3.SQLITE_DROP_TABLE,
        sqlite3.SQLITE_DROP_TRIGGER,
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_ATTACH,
    }
)


class Database:
    """One governance database.

    Parameters
    ----------
    url
        ``sqlite:///file`` or ``postgresql+psycopg://…``.
    guarded
        With SQLite: refuse to drop, alter or attach on these connections. Migrations open theirs
        unguarded.
    """

    def __init__(self, url: str, *, guarded: bool = True) -> None:
        self.engine = _engine(url, guarded=guarded)
        self._writing = threading.Lock()
        watch(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether it is one file on this machine."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one consistent state and cannot write."""
        options = {} if self.is_sqlite else _SNAPSHOT
        with _reachable(), self.engine.connect().execution_options(**options) as connection:
            with Session(connection, expire_on_commit=False, autoflush=False) as session:
                begin_memory(session)
                yield session
                session.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that writes alone; commits when left without an error."""
        lock = self._writing if self.is_sqlite else threading.Lock()
        with lock, _reachable(), self.engine.connect() as plain:
            connection = plain.execution_options(writing=True)
            connection.info["touched"] = set()
            with Session(connection, expire_on_commit=False) as session, session.begin():
                yield session

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        text = str(error.orig).lower()
        if "full" in text:
            words = "The disk of the governance database is full; free some space and try again."
        elif "locked" in text:
            words = "The governance database is busy; try again in a moment."
        else:
            words = "The governance database does not answer; try again, then see System health."
        raise SourceUnavailable(words) from error


def _engine(url: str, *, guarded: bool) -> sa.Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidInput("COUNTERSIGN_DATABASE_URL is not a database address.") from error
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, guarded=guarded)
    if parsed.get_backend_name() == "postgresql":
        server = parsed.set(drivername="postgresql+psycopg")
        return sa.create_engine(server, pool_size=10, max_overflow=10, pool_pre_ping=True)
    raise InvalidInput("COUNTERSIGN_DATABASE_URL must begin with sqlite: or postgresql:.")


def _sqlite(url: sa.URL, *, guarded: bool) -> sa.Engine:
    if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = sa.create_engine(url, connect_args={"check_same_thread": False, "timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        if guarded:
            connection.set_authorizer(_authorise)

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _authorise(action: int, first: str | None, *_: object) -> int:
    if action in _DENIED:
        return sqlite3.SQLITE_DENY
    changes = (sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)
    if action in changes and (first or "").lower() in ("trail_event", "sqlite_master"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
