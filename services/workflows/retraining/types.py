"""What carrying a ticket out asks of its neighbours."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlmodel import Session

from services.decisions.retraining.fence import Ending, Fence
from services.decisions.retraining.types import (
    Attempt,
    DataFacts,
    Quote,
    Ticket,
    TicketState,
)
from services.record.trail.unit_of_work import UnitOfWork


class Fences(Protocol):
    """Who drives which ticket (table ``ticket_lease``); no transaction of the caller's is needed."""

    ttl: timedelta

    def take(self, ticket_id: str, owner: str) -> Fence | None:
        """Take a ticket, or keep it; None while somebody else drives it.

        Notes
        -----
        The same owner again keeps its number; after somebody else's lease ran out it counts up.
        """
        ...

    def renew(self, fence: Fence) -> bool:
        """Hold on to a ticket; tell whether it is still this owner's, under this number."""
        ...

    def drop(self, fence: Fence) -> None:
        """Let go of a ticket."""
        ...


class TicketMoves(Protocol):
    """The moves of a ticket: each in the caller's transaction, each one event.

    Whatever takes a ``Fence`` raises ``Conflict`` when another owner or number drives the ticket, read
    in the same transaction; done a second time with the same outcome it changes nothing.
    """

    def get(self, session: Session, ticket_id: str) -> Ticket:
        """Return a ticket as it stands."""
        ...

    def attempts(self, session: Session, ticket_id: str) -> Sequence[Attempt]:
        """Return the attempts at a ticket, first one first."""
        ...

    def in_states(self, session: Session, *states: TicketState) -> Sequence[Ticket]:
        """Return every ticket in some states, oldest first."""
        ...

    def quoted(
        self, unit: UnitOfWork, ticket_id: str, data: DataFacts | None, quote: Quote
    ) -> Ticket:
        """Note data and quote; opens the review, or queues it and asks for ``retraining`` at once."""
        ...

    def refused(
        self,
        unit: UnitOfWork,
        ticket_id: str,
        reason: str,
        data: DataFacts | None = None,
        quote: Quote | None = None,
    ) -> Ticket:
        """End a ticket that may not be trained; it has cost nothing."""
        ...

    def begin(self, unit: UnitOfWork, fence: Fence) -> Ticket:
        """Queued becomes running."""
        ...

    def ran_as(self, unit: UnitOfWork, fence: Fence, run_id: str) -> Ticket:
        """Note MLflow's run; one that was noted before stays."""
        ...

    def intend(self, unit: UnitOfWork, fence: Fence, engine: str, *, spot: bool = False) -> Attempt:
        """Write down the next attempt before its engine hears of it; one that is open is returned."""
        ...

    def submitted(self, unit: UnitOfWork, fence: Fence, attempt_id: str, handle: str) -> Attempt:
        """Note how the engine finds an attempt again."""
        ...

    def started(
        self, unit: UnitOfWork, fence: Fence, attempt_id: str, at: datetime | None
    ) -> Attempt:
        """Note that an attempt runs."""
        ...

    def finished(self, unit: UnitOfWork, fence: Fence, attempt_id: str, ending: Ending) -> Attempt:
        """End an attempt."""
        ...

    def evaluating(self, unit: UnitOfWork, fence: Fence) -> Ticket:
        """Let running become evaluating."""
        ...

    def registered(
        self, unit: UnitOfWork, fence: Fence, version: int, report_evidence_id: str
    ) -> Ticket:
        """Let evaluating become registered; one version for one ticket, by a unique key."""
        ...

    def closed(
        self,
        unit: UnitOfWork,
        fence: Fence,
        state: TicketState,
        reason: str,
        report_evidence_id: str = "",
    ) -> Ticket:
        """End it otherwise: no better, stopped, failed, cancelled, in one sentence."""
        ...
