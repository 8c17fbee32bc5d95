"""The ledger of files in the database: rows in, types out."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.prediction.records import LogFileRecord
from services.facts.prediction.types import LogFile, Stream
from services.kernel.error import Conflict

F = LogFileRecord
_FIELDS = tuple(each.name for each in fields(LogFile))


def add(session: Session, file: LogFile, seq: int, now: datetime) -> None:
    """Note a file that was written.

    Parameters
    ----------
    seq
        Its event; who appends one holds the end of the trail, so that nobody else notes files now.

    Raises
    ------
    Conflict
        When a file of these rows was noted already.
    """
    if _same(session, file):
        raise Conflict("A file of these rows was noted already.", path=file.path)
    values: dict[str, Any] = {name: getattr(file, name) for name in _FIELDS}
    values["stream"] = file.stream.value
    session.add(F(**values, filed_at=now, event_seq=seq))
    session.flush()


def files(
    session: Session,
    model: str,
    stream: Stream,
    since: date | None = None,
    until: date | None = None,
    *,
    deleted: bool = False,
) -> list[LogFile]:
    """Return the files of days, in the order in which they were written; the last day is included.

    Parameters
    ----------
    deleted
        Those that were deleted, in place of those that are there.
    """
    gone = col(F.deleted_at).is_not(None) if deleted else col(F.deleted_at).is_(None)
    chosen = select(F).where(col(F.model) == model, col(F.stream) == stream.value, gone)
    if since is not None:
        chosen = chosen.where(col(F.day) >= since)
    if until is not None:
        chosen = chosen.where(col(F.day) <= until)
    return [_file(row) for row in session.exec(chosen.order_by(col(F.day), col(F.event_seq)))]


def _same(session: Session, file: LogFile) -> bool:
    found = select(F.sha256).where(
        col(F.model) == file.model,
        col(F.stream) == file.stream.value,
        col(F.day) == file.day,
        col(F.rows_sha256) == file.rows_sha256,
    )
    return session.exec(found).first() is not None


def note_deleted(session: Session, files: Sequence[LogFile], seq: int, now: datetime) -> None:
    """Note that files are deleted."""
    chosen = col(F.sha256).in_([each.sha256 for each in files])
    session.execute(sa.update(F).where(chosen).values(deleted_at=now, deleted_seq=seq))


def _file(row: LogFileRecord) -> LogFile:
    values: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    values["stream"] = Stream(row.stream)
    return LogFile(**values)
