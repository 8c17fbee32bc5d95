"""Which runs are doubted."""

from collections.abc import Sequence

from sqlmodel import Session

from services.facts.convergence import repository
from services.facts.convergence.types import DoubtedRun


class Convergence:
    """The runs that go on and seem to go nowhere, as they were seen last."""

    def doubted(self, session: Session) -> list[DoubtedRun]:
        """Return the runs that something speaks against, the one begun first first."""
        return repository.doubted(session)

    def mark(self, session: Session, run: DoubtedRun) -> None:
        """Store that a run was marked, in the transaction that says so."""
        repository.keep(session, run)

    def keep(self, session: Session, runs: Sequence[DoubtedRun]) -> None:
        """Store what a look found, in place of what the last one did."""
        repository.forget(session, [each.run_id for each in runs])
        for each in runs:
            repository.keep(session, each)
