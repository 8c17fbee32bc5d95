"""Reading and verifying the trail."""

from collections.abc import Sequence

from sqlmodel import Session

from services.record.trail import repository
from services.record.trail.types import TrailEvent, TrailState
from services.record.trail.unit_of_work import Store
from services.record.trail.verification import verify


class Trail:
    """What happened, and whether it still says so."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def verify(self) -> TrailState:
        """Recompute every hash of the trail."""
        with self._store.reading() as session:
            return verify(session, self._store.clock.now())

    def search(
        self,
        session: Session,
        *,
        action: str | None = None,
        subject: tuple[str, str] | None = None,
        subjects: Sequence[tuple[str, str]] | None = None,
        actor_id: str | None = None,
        before: int | None = None,
        besides: Sequence[str] = (),
        limit: int = 100,
    ) -> list[TrailEvent]:
        """Return events that match, newest first; see :func:`repository.search`."""
        return repository.search(
            session,
            action=action,
            subject=subject,
            subjects=subjects,
            actor_id=actor_id,
            before=before,
            besides=besides,
            limit=limit,
        )

    def last(self, session: Session, besides: str) -> int:
        """Return the number of the last event whose action does not begin with a word.

        Notes
        -----
        No governed row changes without an event: while this number stands, so does what is read.
        """
        return repository.last(session, besides)

    def by_seqs(self, session: Session, seqs: list[int]) -> dict[int, TrailEvent]:
        """Return events by sequence number."""
        return repository.by_seqs(session, seqs)
