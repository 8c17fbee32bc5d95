"""Taking away what was ordered to be taken away, after asking once more who needs it."""

from dataclasses import dataclass
from typing import Protocol

import structlog

from services.decisions.disposal.service import Disposals
from services.decisions.disposal.types import Disposal
from services.kernel.error import SourceUnavailable
from services.kernel.identity import SYSTEM
from services.record.trail.unit_of_work import Store

log = structlog.get_logger(__name__)


class Files(Protocol):
    """Where files are taken away."""

    def aliases_of(self, name: str, version: int) -> tuple[str, ...]:
        """Return the aliases that point at a version now."""
        ...

    def dispose_version(self, name: str, version: int) -> None:
        """Take a version and its files away."""
        ...

    def dispose_run(self, run_id: str) -> None:
        """Take the files of a run away and mark it as deleted."""
        ...


@dataclass(frozen=True)
class Rooms:
    """What disposing works with."""

    store: Store
    disposals: Disposals
    source: Files


class Disposing:
    """A duty that one worker does for all.

    Notes
    -----
    Killed in the middle it begins again: what is gone already is left so. What needs the files is asked
    in our own books and, for aliases, at MLflow itself, right before.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms

    def look(self) -> list[Disposal]:
        """Carry out the orders whose wait is over; return those that are settled."""
        with self._at.store.reading() as session:
            due = self._at.disposals.due(session)
        settled: list[Disposal] = []
        for order in due:
            try:
                settled.append(self._carry_out(order))
            except SourceUnavailable as error:
                log.warning("files not taken away", run=order.run_id, reason=str(error))
        return settled

    def _carry_out(self, order: Disposal) -> Disposal:
        with self._at.store.reading() as session:
            reasons = list(self._at.disposals.needed_by(session, order))
        for name, number in order.versions:
            held = self._at.source.aliases_of(name, number)
            reasons += [f"{name} {number}: {alias} points at it" for alias in held]
        if not reasons:
            for name, number in order.versions:
                self._at.source.dispose_version(name, number)
            self._at.source.dispose_run(order.run_id)
        return self._at.disposals.settle(SYSTEM, order.disposal_id, tuple(dict.fromkeys(reasons)))
