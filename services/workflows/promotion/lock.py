"""The lock held across a move of an alias. The kernel, or the database, frees it when its holder dies."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from services.kernel.error import SourceUnavailable
from services.record.storage.database import Database

WAIT = "30s"


@contextmanager
def held(database: Database, folder: Path, name: str, alias: str) -> Iterator[None]:
    """Hold the one lock of a model's alias until the block is left.

    Notes
    -----
    With SQLite a file lock (flock), with PostgreSQL an advisory lock of a session kept open. A lease
    would not do: a paused worker whose lease ran out would put the alias back when it wakes.

    Raises
    ------
    SourceUnavailable
        When PostgreSQL does not give the lock within 30 seconds.
    """
    digest = hashlib.sha256(f"{name}\x1f{alias.casefold()}".encode()).digest()
    if database.is_sqlite:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / f"{digest.hex()[:32]}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    key = int.from_bytes(digest[:8], "big", signed=True)
    with database.engine.connect() as connection, connection.begin():
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{WAIT}'"))
        try:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
        except OperationalError as error:
            raise SourceUnavailable("Another worker is moving this alias; try again.") from error
        yield
