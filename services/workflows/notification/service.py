"""What became of messages, and asking again for those whose time has come."""

from datetime import datetime

from sqlmodel import Session

from services.kernel.identity import SYSTEM
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.standards.channel.service import TOLD
from services.workflows.notification import repository
from services.workflows.notification.types import Delivery


class Deliveries:
    """What became of messages, and what is to be tried again."""

    def __init__(self, store: Store, tasks: Tasks) -> None:
        self._store, self._tasks = store, tasks

    def last_of_each(self, session: Session) -> dict[str, Delivery]:
        """Return the newest delivery of each channel, by its name."""
        return repository.last_of_each(session)

    def newest(self, session: Session, limit: int = 50) -> list[Delivery]:
        """Return deliveries, newest first."""
        return repository.newest(session, limit=limit)

    def of_subject(
        self, session: Session, kind: str, subject_id: str, limit: int = 50
    ) -> list[Delivery]:
        """Return the deliveries about one thing, newest first."""
        return repository.of_subject(session, kind, subject_id, limit)

    def again(self) -> int:
        """Ask once more for everything whose time has come; return how much that is."""
        now = self._store.clock.now()
        with self._store.reading() as session:
            due = repository.due(session, now)
        if due:
            with self._store.operational() as session:
                for each in due:
                    self._ask(session, each)
        return len(due)

    def forget(self, before: datetime) -> int:
        """Let go of deliveries that were begun before an instant and are over; return how many."""
        with self._store.operational() as session:
            return repository.forget(session, before)

    def _ask(self, session: Session, delivery: Delivery) -> None:
        self._tasks.request(
            session,
            TOLD,
            (delivery.subject_kind, delivery.subject_id),
            {
                "delivery_id": delivery.delivery_id,
                "channel": delivery.channel,
                "event": delivery.event,
                "partition": delivery.channel,
            },
            requested_by=SYSTEM.id,
            key=f"{TOLD}:{delivery.delivery_id}:{delivery.next_at}",
        )
