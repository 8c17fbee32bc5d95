"""What is kept of runs, to read and to write down."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from services.facts.storage import repository
from services.facts.storage.types import KeptRun
from services.record.trail.unit_of_work import Store


class Storage:
    """The files of runs, as they were weighed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def kept(self, session: Session) -> list[KeptRun]:
        """Return the runs whose files are there, the largest first."""
        return [each for each in repository.find(session) if each.gone_at is None]

    def all(self, session: Session) -> list[KeptRun]:
        """Return every run that was ever weighed, the largest first."""
        return repository.find(session)

    def of(self, session: Session, run_ids: Sequence[str]) -> dict[str, KeptRun]:
        """Return some runs by id; those that were never weighed are left out."""
        return {each.run_id: each for each in repository.find(session, run_ids)}

    def known(self, session: Session) -> dict[str, datetime]:
        """Return when each run was weighed last."""
        return repository.known(session)

    def keep(self, kept: Sequence[KeptRun]) -> None:
        """Write down what runs keep; when each was weighed first stays."""
        with self._store.operational() as session:
            before = self.of(session, [each.run_id for each in kept])
            for each in kept:
                held = before.get(each.run_id)
                first = held.first_at if held else each.first_at
                repository.keep(session, replace(each, first_at=first))

    def gone(self, session: Session, run_id: str, at: datetime) -> None:
        """Write down that the files of a run were taken away."""
        for each in repository.find(session, [run_id]):
            repository.keep(session, replace(each, gone_at=at))
