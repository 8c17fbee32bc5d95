"""What each process last said of itself; System health reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from services.record.trail.unit_of_work import Store
from services.workflows.heartbeat.records import HeartbeatRecord


@dataclass(frozen=True)
class Heartbeat:
    """The last word of one process."""

    component: str
    at: datetime
    detail: Mapping[str, Any]


class Heartbeats:
    """The last words of all processes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def beat(self, component: str, **detail: Any) -> None:
        """Say something about a process, now."""
        now = self._store.clock.now()
        with self._store.operational() as session:
            row = session.get(HeartbeatRecord, component)
            if row is None:
                session.add(HeartbeatRecord(component=component, at=now, detail=detail))
            else:
                row.at, row.detail = now, detail

    def all(self, session: Session) -> dict[str, Heartbeat]:
        """Return the last word of each process."""
        rows = session.exec(select(HeartbeatRecord))
        return {row.component: Heartbeat(row.component, row.at, row.detail) for row in rows}
