"""What the charging of runs works with."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from services.facts.cost.service import Ledger
from services.facts.registry.types import Run
from services.record.trail.unit_of_work import Store
from services.workflows.costing.pricing import Whose
from services.workflows.costing.tariffs import Tariffs


class Source(Protocol):
    """Where runs are read."""

    def ended_runs(self, since: datetime) -> Iterator[Run]:
        """Yield the runs that ended since an instant, in that order."""
        ...

    def running(self) -> Iterator[Run]:
        """Yield the runs that have not ended."""
        ...

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """Return runs by id; those that are gone are left out."""
        ...


@dataclass(frozen=True)
class Rooms:
    """What the charging works with.

    Attributes
    ----------
    tariffs
        What things cost, as known now.
    whose
        Of some runs, whom they belong to and what their hardware measured.
    """

    store: Store
    ledger: Ledger
    source: Source
    tariffs: Callable[[Session], Tariffs]
    whose: Callable[[Session, Sequence[Run]], dict[str, Whose]]
