"""Rows that hold now, or held at an instant."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.record.storage.base import Versioned


def standing(record: type[Versioned], at: datetime | None = None) -> sa.ColumnElement[bool]:
    """Return the condition under which a row version holds.

    Parameters
    ----------
    at
        The instant asked about; None means now.
    """
    valid_from: Any = record.valid_from
    valid_to: Any = record.valid_to
    if at is None:
        return valid_to.is_(None)
    return sa.and_(valid_from <= at, sa.or_(valid_to.is_(None), valid_to > at))


def close(row: Versioned, at: datetime) -> None:
    """End a row version; the only change that a governed row knows."""
    row.valid_to = at
