"""Who drives a ticket: a lease that runs out, and a number that is the fence."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.decisions.retraining.fence import Fence
from services.decisions.retraining.records import TicketLeaseRecord
from services.kernel.error import Conflict
from services.record.storage.alone import alone
from services.record.trail.unit_of_work import Store

R = TicketLeaseRecord
TTL = timedelta(seconds=30)
"""Renew at a third of it."""


class Fences:
    """The leases of tickets; operational, and each commit under one holds it to its end."""

    def __init__(self, store: Store, ttl: timedelta = TTL) -> None:
        self._store = store
        self.ttl = ttl

    def take(self, ticket_id: str, owner: str) -> Fence | None:
        """Take a ticket, or keep it; None while somebody else drives it.

        Notes
        -----
        An owner that holds it still keeps its number; every other taking counts one up, so that a
        commit by whoever was paused past the lease is refused.
        """
        with self._store.operational() as session:
            alone(session, f"ticket:{ticket_id}")
            now = self._store.clock.now()
            row = _row(session, ticket_id)
            if row is None:
                row = R(ticket_id=ticket_id, owner=owner, number=1, until=now)
            elif row.until > now and row.owner != owner:
                return None
            elif row.until <= now:
                row.owner, row.number = owner, row.number + 1
            row.until = now + self.ttl
            session.add(row)
            return Fence(ticket_id, owner, row.number)

    def renew(self, fence: Fence) -> bool:
        """Hold on to a ticket; tell whether it is still this owner's, under this number."""
        with self._store.operational() as session:
            now = self._store.clock.now()
            mine: Any = session.execute(
                sa.update(R).where(*_mine(fence), col(R.until) > now).values(until=now + self.ttl)
            )
            return mine.rowcount == 1

    def drop(self, fence: Fence) -> None:
        """Let go of a ticket."""
        with self._store.operational() as session:
            now = self._store.clock.now()
            session.execute(sa.update(R).where(*_mine(fence)).values(until=now))


def require(session: Session, fence: Fence) -> None:
    """Hold the lease of a ticket to the end of the transaction, refusing who does not drive it.

    Notes
    -----
    Under a lease that ran out and that nobody took, the owner may still commit: the number is the
    fence, and the time only says when another may take it.

    Raises
    ------
    Conflict
        When another drives it.
    """
    row = _row(session, fence.ticket_id)
    if row is None or (row.owner, row.number) != (fence.owner, fence.number):
        raise Conflict("Another worker drives this ticket now; nothing was stored.")


def _row(session: Session, ticket_id: str) -> TicketLeaseRecord | None:
    chosen = select(R).where(col(R.ticket_id) == ticket_id).with_for_update()
    return session.exec(chosen.execution_options(populate_existing=True)).first()


def _mine(fence: Fence) -> tuple[Any, ...]:
    return (
        col(R.ticket_id) == fence.ticket_id,
        col(R.owner) == fence.owner,
        col(R.number) == fence.number,
    )
