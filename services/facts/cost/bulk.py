"""Many rows at once, straight to the driver: a million of them spend no time on statements."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session


def insert(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store rows of a table; each says all of its columns."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(sa.insert(table), list(rows))
        return
    names, bound = list(rows[0]), _processors(connection.dialect, table)
    said = [[row[name] for row in rows] for name in names]
    columns = [map(bound[name], column) if name in bound else column for name, column in zip(names, said, strict=True)]  # fmt: skip
    told = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    connection.exec_driver_sql(told, list(zip(*columns, strict=True)))


def _processors(dialect: sa.Dialect, table: sa.Table) -> dict[str, Callable[[Any], Any]]:
    """Return how a value becomes the driver's, for columns where it is not the same.

    Notes
    -----
    A batch has few instants and many rows, so that each instant is written once.
    """
    made = {c.name: c.type.dialect_impl(dialect).bind_processor(dialect) for c in table.columns}
    return {name: lru_cache(maxsize=8192)(each) for name, each in made.items() if each is not None}
