"""Leases: a worker's own life, and duties that one worker does for all.

A lease is politeness and never a fence: whoever writes to MLflow holds a lock as well.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from services.record.trail.unit_of_work import Store
from services.workflows.lease.records import WorkerLeaseRecord

TTL = timedelta(seconds=15)
WORKER = "worker:"
R = WorkerLeaseRecord


class Leases:
    """Who holds what until when, by the clock of this deployment."""

    def __init__(self, store: Store, ttl: timedelta = TTL) -> None:
        self._store = store
        self.ttl = ttl

    def take(self, name: str, executor_id: str) -> bool:
        """Take or renew a lease; tell whether it is held now."""
        now = self._store.clock.now()
        with self._store.operational() as session:
            row = session.get(R, name)
            if row is None:
                session.add(R(name=name, executor_id=executor_id, until=now + self.ttl))
                return True
            mine: Any = session.execute(
                sa.update(R)
                .where(col(R.name) == name)
                .where(sa.or_(col(R.executor_id) == executor_id, col(R.until) <= now))
                .values(executor_id=executor_id, until=now + self.ttl)
            )
            return mine.rowcount == 1

    def renew(self, name: str, executor_id: str) -> bool:
        """Renew a lease that is still held; tell whether it was."""
        now = self._store.clock.now()
        with self._store.operational() as session:
            mine: Any = session.execute(
                sa.update(R)
                .where(col(R.name) == name, col(R.executor_id) == executor_id, col(R.until) > now)
                .values(until=now + self.ttl)
            )
            return mine.rowcount == 1

    def drop(self, executor_id: str) -> None:
        """Give back everything one worker holds."""
        with self._store.operational() as session:
            session.execute(sa.delete(R).where(col(R.executor_id) == executor_id))

    def alive(self) -> set[str]:
        """Return the ids of workers that are alive."""
        now = self._store.clock.now()
        chosen = select(R).where(col(R.name).startswith(WORKER), col(R.until) > now)
        with self._store.reading() as session:
            return {row.executor_id for row in session.exec(chosen)}
