"""Rows from a database: one statement that only reads, within a time limit."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from services.kernel.error import InvalidInput, SourceUnavailable

PREFIX = "sql+"
SECONDS = 600.0
AT_ONCE = 50_000
_VARIABLE = re.compile(r"env:([A-Z][A-Z0-9_]*_URL)")
_READS = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


def read(uri: str, query: str, seconds: float = SECONDS) -> pa.Table:
    """Return the rows of a query.

    Parameters
    ----------
    uri
        ``sql+`` and an address of SQLAlchemy, or ``sql+env:NAME_URL`` for the environment variable of
        the worker that holds one.
    query
        One SELECT; it should say ORDER BY, since the order of rows is part of the digest.

    Raises
    ------
    InvalidInput
        When the address or the query cannot be used.
    SourceUnavailable
        When the database does not answer in time.
    """
    if not _READS.match(query) or ";" in query.rstrip().rstrip(";"):
        raise InvalidInput("The query must be one statement that begins with SELECT or WITH.")
    engine = _engine(_address(uri))
    try:
        with engine.connect() as connection, _reading(connection, seconds):
            return _fetched(connection, query.rstrip().rstrip(";"))
    except SQLAlchemyError as error:
        raise SourceUnavailable(
            "The database refused the query or did not answer in time; try the query by itself.",
            error=str(error),
        ) from error
    finally:
        engine.dispose()


def _address(uri: str) -> str:
    text = uri.removeprefix(PREFIX)
    if not text.startswith("env:"):
        return text
    named = _VARIABLE.fullmatch(text)
    if named is None or named[1].startswith("COUNTERSIGN_"):
        raise InvalidInput("The variable's name ends in _URL, as in sql+env:WAREHOUSE_URL.")
    if named[1] not in os.environ:
        raise InvalidInput(f"The worker has no environment variable {named[1]}; set it.")
    return os.environ[named[1]]


def _engine(address: str) -> sa.Engine:
    try:
        url = make_url(address)
        if url.get_backend_name() == "sqlite" and url.database:
            url = url.set(database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        return sa.create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise InvalidInput("The address of the database cannot be used here.") from error


@contextmanager
def _reading(connection: sa.Connection, seconds: float) -> Iterator[None]:
    """Let a connection only read, and not for ever."""
    name, held = connection.dialect.name, connection.connection.driver_connection
    if name == "postgresql":
        connection.execute(sa.text("SET TRANSACTION READ ONLY"))
        limit = f"SET LOCAL statement_timeout = {int(seconds * 1000)}"
        connection.execute(sa.text(limit))
    if name == "sqlite":
        ends: Any = time.monotonic() + seconds
        handler: Any = held
        handler.set_progress_handler(lambda: int(time.monotonic() > ends), 10_000)
    try:
        yield
    finally:
        connection.rollback()


def _fetched(connection: sa.Connection, query: str) -> pa.Table:
    result = connection.execution_options(stream_results=True).execute(sa.text(query))
    names, parts = list(result.keys()), list[pa.Table]()
    for rows in result.partitions(AT_ONCE):
        columns = zip(*rows, strict=True)
        parts.append(pa.table(dict(zip(names, map(_column, columns), strict=True))))
    if not parts:
        return pa.table({name: pa.nulls(0) for name in names})
    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowInvalid as error:
        raise InvalidInput("A column of the query is of several kinds; cast it.") from error


def _column(values: tuple[Any, ...]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise InvalidInput("A column of the query is of several kinds; cast it.") from error
