"""Many rows at once, straight to the driver: a million of them spend no time on statements."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

ROOM = 65_536
"""Kilobytes of pages that SQLite keeps while many rows go in: its usual two megabytes are read and
written again and again where keys come in no order."""
MANY = 5_000


def insert(session: Session, table: sa.Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """Store rows of a table; each column has a value for every row."""
    names, size = list(columns), len(next(iter(columns.values())))
    if not size:
        return
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        rows = zip(*columns.values(), strict=True)
        connection.execute(sa.insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    bound = _processors(connection.dialect, table)
    held = [map(bound[name], columns[name]) if name in bound else columns[name] for name in names]
    told = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    rows = zip(*held, strict=True)
    with _room(connection, size):
        while part := list(islice(rows, MANY)):
            connection.exec_driver_sql(told, part)


def held(session: Session, column: sa.Column[Any], values: Sequence[str]) -> list[str]:
    """Return the texts of a column that are among some."""
    connection, found = session.connection(), list[str]()
    told = (
        f"SELECT {column.name} FROM {column.table.name} WHERE {column.name} <> '' AND {column.name}"
    )
    for start in range(0, len(values), MANY):
        part = values[start : start + MANY]
        if connection.dialect.name == "sqlite":
            marks = ", ".join("?" * len(part))
            rows = connection.exec_driver_sql(f"{told} IN ({marks})", tuple(part))
        else:
            rows = connection.exec_driver_sql(f"{told} = ANY(%s)", (list(part),))
        found += [row[0] for row in rows]
    return found


@contextmanager
def _room(connection: sa.Connection, rows: int) -> Iterator[None]:
    """Give SQLite room for the pages of many rows, for as long as they go in."""
    if rows < MANY:
        yield
        return
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{ROOM}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {usual}")


def _processors(dialect: sa.Dialect, table: sa.Table) -> dict[str, Callable[[Any], Any]]:
    """Return how a value becomes the driver's, for columns where it is not the same.

    Notes
    -----
    A batch has few instants and many rows, so that each instant is written once.
    """
    made = {c.name: c.type.dialect_impl(dialect).bind_processor(dialect) for c in table.columns}
    return {name: lru_cache(maxsize=8192)(each) for name, each in made.items() if each is not None}
