"""One transaction at a time over something that has no row to lock yet."""

import zlib

import sqlalchemy as sa
from sqlmodel import Session


def alone(session: Session, name: str) -> None:
    """Wait until no other writing transaction holds a name, and hold it to the end of this one.

    Notes
    -----
    With SQLite a writing transaction is alone already; with PostgreSQL this is
    ``pg_advisory_xact_lock`` on the CRC-32 of the name, so two names may share a lock.
    """
    if session.connection().dialect.name == "postgresql":
        number = zlib.crc32(name.encode())
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
