"""Keeping how busy runs were, and asking for it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from services.facts.utilisation import repository
from services.facts.utilisation.types import Audited, Finding, RunUse
from services.kernel.error import NotFound
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store


class Utilisation:
    """How busy the hardware of runs was, as samples tell."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, uses: Sequence[tuple[RunUse, bool]]) -> None:
        """Store how busy runs were, each with whether that is final."""
        with self._store.operational() as session:
            repository.write(session, uses, self._store.clock.now())

    def known(self, session: Session, run_ids: Sequence[str]) -> dict[str, tuple[bool, datetime]]:
        """Return of the runs that are known whether that is final, and when they were seen."""
        return repository.settled(session, run_ids)

    def unsettled(self, session: Session) -> list[str]:
        """Return the runs that are to be looked at again, the one seen longest ago first."""
        return repository.unsettled(session)

    def newest(self, session: Session) -> datetime | None:
        """Return when the last known run ended; a clock that runs ahead is not believed."""
        return repository.newest(session, self._store.clock.now())

    def runs(
        self,
        session: Session,
        period: Period,
        *,
        models: Sequence[str] | None = None,
        finding: Finding | None = None,
        limit: int = 100,
    ) -> list[RunUse]:
        """Return the runs of a period by idle GPU hours, most first; unknown ones last."""
        return repository.listed(session, period, models=models, finding=finding, limit=limit)

    def run(self, session: Session, run_id: str) -> RunUse:
        """Return how busy one run was.

        Raises
        ------
        NotFound
            When the worker has not looked at such a run.
        """
        found = repository.by_id(session, run_id)
        if found is None:
            raise NotFound("The worker has not looked at a run with that id.")
        return found

    def audited(
        self, session: Session, period: Period, models: Sequence[str] | None = None
    ) -> Audited:
        """Return what all runs of a period come to."""
        return repository.audited(session, period, models)
