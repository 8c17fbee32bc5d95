"""Lines that have no price, and have none since."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from services.facts.cost import repository
from services.facts.cost.records import CostEntryRecord
from services.facts.cost.types import Line, Method

R = CostEntryRecord


@dataclass(frozen=True, slots=True)
class Missing:
    """What a run or a ticket used of one thing that had no price.

    Attributes
    ----------
    run_id, ticket_id
        One of them may be empty.
    since
        When the newest of its lines begins.
    """

    run_id: str
    ticket_id: str
    model: str
    sku: str
    unit: str
    since: datetime


def of_runs(
    session: Session, start: datetime, end: datetime, models: Collection[str] | None, most: int
) -> list[Missing]:
    """Return what runs and tickets used in a stretch without a price, the newest first.

    Parameters
    ----------
    models
        Whose; None for everything, also what no model bears.
    """
    keys = [col(R.run_id), col(R.ticket_id), col(R.model), col(R.sku), col(R.unit)]
    newest = sa.func.max(col(R.starts_at))
    of_somebody = sa.or_(col(R.run_id) != "", col(R.ticket_id) != "")
    chosen = sa.select(*keys, newest).where(*_open(), repository.within(start, end), of_somebody)
    if models is not None:
        chosen = chosen.where(col(R.model).in_(list(models)))
    rows = session.execute(chosen.group_by(*keys).order_by(newest.desc(), *keys).limit(most))
    return [Missing(*row) for row in rows]


def _open() -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    other: Any = aliased(R)
    corrected = sa.exists().where(other.corrects == col(R.source_id), other.corrects != "")
    return col(R.micros).is_(None), ~corrected


def runs(session: Session, undeclared: str, *, after: str = "", most: int = 1_000) -> list[str]:
    """Return runs with a line that a price would do for, by id; those that say nothing are left out."""
    chosen = (
        sa.select(col(R.run_id))
        .where(*_open(), col(R.source_id) >= "run:", col(R.source_id) < "run;")
        .where(col(R.sku) != undeclared, col(R.run_id) > after)
        .distinct()
        .order_by(col(R.run_id))
        .limit(most)
    )
    return [row[0] for row in session.execute(chosen)]


def lines(
    session: Session, start: datetime, end: datetime, *, after: str = "", most: int = 5_000
) -> list[Line]:
    """Return lines of a stretch without a price and without a correction, by their source.

    Parameters
    ----------
    after
        The last source of the part before; so that all are read part by part.
    """
    ours = sa.or_(col(R.estimated).is_(True), col(R.method) == Method.HOSTS.value)
    chosen = (
        select(col(R.source_id))
        .where(*_open(), col(R.source_id) > after)
        .where(repository.within(start, end), ours)
        .order_by(col(R.source_id))
        .limit(most)
    )
    found = repository.by_source(session, list(session.exec(chosen)))
    return [found[source] for source in sorted(found)]
