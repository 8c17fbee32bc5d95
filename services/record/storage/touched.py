"""Which tables a transaction writes to, noticed at the connection, whatever wrote."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.sql.dml import UpdateBase

_WRITES = re.compile(
    r"^\s*(?:insert\s+(?:or\s+\w+\s+)?into|replace\s+into|update(?:\s+or\s+\w+)?|delete\s+from"
    r"|truncate(?:\s+table)?|merge\s+into)\s+[\"`\[]?([a-z0-9_.]+)",
    re.IGNORECASE,
)


def watch(engine: sa.Engine) -> None:
    """Note, on every connection of an engine, the tables that are written to."""

    @event.listens_for(engine, "before_execute")
    def note(connection: sa.Connection, statement: Any, *_: object) -> None:
        touched: set[str] | None = connection.info.get("touched")
        if touched is None:
            return
        if isinstance(statement, UpdateBase):
            touched.add(str(getattr(statement.table, "name", "?")))
        elif isinstance(statement, sa.TextClause):
            found = _WRITES.match(statement.text)
            if found:
                touched.add(found.group(1).lower())

    @event.listens_for(engine, "before_cursor_execute")
    def note_plain(connection: sa.Connection, _: object, statement: str, *__: object) -> None:
        touched: set[str] | None = connection.info.get("touched")
        found = _WRITES.match(statement) if touched is not None else None
        if touched is not None and found:
            touched.add(found.group(1).lower())
