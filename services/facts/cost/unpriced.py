"""Lines that have no price, and have none since."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from services.facts.cost import repository
from services.facts.cost.records import CostEntryRecord
from services.facts.cost.types import Line

R = CostEntryRecord


def lines(
    session: Session, start: datetime, end: datetime, *, after: str = "", most: int = 5_000
) -> list[Line]:
    """Return lines of a stretch without a price and without a correction, by their source.

    Parameters
    ----------
    after
        The last source of the part before; so that all are read part by part.
    """
    other: Any = aliased(R)
    corrected = sa.exists().where(other.corrects == col(R.source_id), other.corrects != "")
    chosen = (
        select(col(R.source_id))
        .where(col(R.micros).is_(None), ~corrected, col(R.source_id) > after)
        .where(repository.within(start, end), col(R.estimated).is_(True))
        .order_by(col(R.source_id))
        .limit(most)
    )
    found = repository.by_source(session, list(session.exec(chosen)))
    return [found[source] for source in sorted(found)]
