"""The lines that a comparison of a bill needs, and what comparisons came to: rows in, nouns out."""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.cost.reconciling import Group
from services.facts.cost.records import CostCoverRecord, CostEntryRecord, CostReconciledRecord
from services.facts.cost.tally import OURS
from services.facts.cost.types import Method
from services.kernel.identity import new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork

R, C, D = CostEntryRecord, CostCoverRecord, CostReconciledRecord


@dataclass(frozen=True, slots=True)
class Cover:
    """Which environments of ours a billed one pays for."""

    environment: str
    covers: tuple[str, ...]
    declared_by: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """What is compared: the bill of an environment, a month and a currency, with what it pays for."""

    environment: str
    month: date
    currency: str
    covers: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return how the sources of lines begin that comparisons of it wrote."""
        told = "\x1f".join((self.environment, self.month.isoformat(), self.currency))
        return f"{OURS}{hashlib.blake2b(told.encode(), digest_size=8).hexdigest()}:"

    @property
    def period(self) -> tuple[datetime, datetime]:
        """Return its month, half open, in UTC."""
        later = date(self.month.year + self.month.month // 12, self.month.month % 12 + 1, 1)
        first, last = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (self.month, later))
        return first, last


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How a bill stood against our own lines, in micro-units.

    Attributes
    ----------
    billed, estimated, tagged, explained
        See :class:`services.facts.cost.reconciling.Matched`.
    taken_back, lowered
        What was taken from the bill's lines, since our own stand for it, and from our own lines,
        since the bill has less.
    lines, bill_lines
        How many there were on each side; more now means that it has to be done again.
    """

    environment: str
    month: date
    currency: str
    covers: tuple[str, ...]
    billed: int
    estimated: int
    tagged: int
    explained: int
    taken_back: int
    lowered: int
    lines: int
    bill_lines: int
    reconciled_by: str
    at: datetime
    event_seq: int


def covers(session: Session) -> dict[str, Cover]:
    """Return what was declared, by billed environment."""
    rows = session.exec(select(C).where(standing(C)).order_by(col(C.environment)))
    return {r.environment: Cover(r.environment, tuple(r.covers), r.declared_by, r.valid_from) for r in rows}  # fmt: skip


def declare(unit: UnitOfWork, environment: str, named: Collection[str], seq: int) -> None:
    """Store what an environment pays for."""
    for row in unit.session.exec(select(C).where(standing(C), col(C.environment) == environment)):
        close(row, unit.now)
    unit.session.add(
        C(
            row_id=new_id(), environment=environment, covers=sorted(named),
            declared_by=unit.actor.id, valid_from=unit.now, event_seq=seq,
        )
    )  # fmt: skip


def bill(session: Session, place: Place) -> dict[Group, int]:
    """Return what the bill comes to by day, model, team and kind."""
    own = place.environment in place.covers
    where = [col(R.environment) == place.environment]
    where += [~_is_ours()] if own else []
    keys = (col(R.model), col(R.team), col(R.kind))
    found: dict[Group, int] = defaultdict(int)
    for at, model, team, kind, micros in _sums(session, place, (col(R.starts_at), *keys), *where):
        found[(at.astimezone(UTC).date(), model, team, kind)] += int(micros)
    return dict(found)


def own(session: Session, place: Place) -> dict[str, tuple[str, int]]:
    """Return our own lines by source: the model, and what it comes to with its corrections."""
    elsewhere = [each for each in place.covers if each != place.environment]
    here = sa.and_(col(R.environment) == place.environment, _is_ours())
    where = col(R.environment).in_(elsewhere)
    if place.environment in place.covers:
        where = sa.or_(where, here)
    root = sa.case((col(R.corrects) != "", col(R.corrects)), else_=col(R.source_id))
    rows = _sums(session, place, (root, col(R.model)), where)
    return {source: (model, int(micros)) for source, model, micros in rows}


def written(session: Session, place: Place) -> tuple[dict[Group, int], dict[str, int]]:
    """Return what comparisons of a place took back by group, and lowered by source."""
    rows = session.exec(select(R).where(_of(place.key))).all()
    taken: dict[Group, int] = defaultdict(int)
    lowered: dict[str, int] = defaultdict(int)
    for row in rows:
        micros = -(row.micros or 0)
        if row.corrects:
            lowered[row.corrects] += micros
        else:
            day = row.starts_at.astimezone(UTC).date()
            taken[(day, row.model, row.team, row.kind)] += micros
    return taken, lowered


def note(unit: UnitOfWork, found: Reconciled) -> None:
    """Store what a comparison came to."""
    unit.session.add(
        D(
            reconciled_id=new_id(), environment=found.environment, month=found.month,
            currency=found.currency, covers=list(found.covers), billed=found.billed,
            estimated=found.estimated, tagged=found.tagged, explained=found.explained,
            taken_back=found.taken_back, lowered=found.lowered, lines=found.lines,
            bill_lines=found.bill_lines, reconciled_by=found.reconciled_by, at=found.at,
            event_seq=found.event_seq,
        )
    )  # fmt: skip


def latest(session: Session, since: date, until: date) -> dict[tuple[date, str, str], Reconciled]:
    """Return the last comparison of each month, environment and currency of a stretch."""
    chosen = select(D).where(col(D.month) >= since, col(D.month) < until)
    return {
        (row.month, row.environment, row.currency): Reconciled(
            row.environment, row.month, row.currency, tuple(row.covers), row.billed,
            row.estimated, row.tagged, row.explained, row.taken_back, row.lowered, row.lines,
            row.bill_lines, row.reconciled_by, row.at, row.event_seq,
        )
        for row in session.exec(chosen.order_by(col(D.event_seq)))
    }  # fmt: skip


def _sums(session: Session, place: Place, keys: Any, *where: Any) -> list[Any]:
    start, end = place.period
    chosen = (
        sa.select(*keys, sa.func.sum(col(R.micros)))
        .where(
            col(R.starts_at) >= start,
            col(R.starts_at) < end,
            col(R.currency) == place.currency,
            ~_of(place.key),
            *where,
        )
        .group_by(*keys)
    )
    return list(session.execute(chosen).all())


def _is_ours() -> sa.ColumnElement[bool]:
    """Return the condition that nobody billed a line: it was worked out, or servers reported it."""
    return sa.or_(col(R.estimated).is_(True), col(R.method) == Method.HOSTS.value)


def _of(key: str) -> sa.ColumnElement[bool]:
    """Return the condition that a comparison wrote a line; the end is the key with the next sign."""
    return sa.and_(col(R.source_id) >= key, col(R.source_id) < key[:-1] + ";")
