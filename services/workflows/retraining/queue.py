"""The queue of tickets that were allowed, over what their engines hold."""

from collections.abc import Sequence

from sqlmodel import Session

from services.decisions.retraining.fence import Fence
from services.decisions.retraining.types import Ticket, TicketState
from services.kernel.error import NotFound, SourceUnavailable
from services.kernel.identity import SYSTEM
from services.record.storage.alone import alone
from services.record.task.types import Task
from services.workflows.engine.types import Capabilities
from services.workflows.retraining.ports import Parts
from services.workflows.retraining.turns import Waiting, fits, next_up

KIND = "retraining"
ALONE = "retraining:begin"


class Queue:
    """Who may begin: fair between teams, as many as engines hold."""

    def __init__(self, parts: Parts) -> None:
        self._at = parts

    def may_begin(self, tasks: Sequence[Task]) -> list[Task]:
        """Return the tasks that may be handed to a workflow, others than trainings all."""
        asked = [each for each in tasks if each.kind == KIND]
        if not asked:
            return list(tasks)
        with self._at.store.reading() as session:
            queued = self._waiting(session, TicketState.QUEUED)
            begun = self._waiting(session, TicketState.RUNNING, TicketState.EVALUATING)
        waits = {each.ticket_id for each in queued}
        engines = self._engines([*queued, *begun])
        waits -= {each.ticket_id for each in next_up(queued, begun, engines)}
        return [
            each
            for each in tasks
            if each.kind != KIND or each.payload.get("ticket_id") not in waits
        ]

    def begin(self, fence: Fence) -> bool:
        """Let a ticket begin where its engine holds one more; tell whether it did.

        Notes
        -----
        Whose turn it is was asked before; this is the limit, kept by one transaction at a time.
        """
        with self._at.store.unit(SYSTEM) as unit:
            alone(unit.session, ALONE)
            ticket = self._at.tickets.get(unit.session, fence.ticket_id)
            begun = self._waiting(unit.session, TicketState.RUNNING)
            mine = self._one(unit.session, ticket)
            engines = self._engines([mine])
            if ticket.engine not in engines or not fits(mine, begun, engines[ticket.engine]):
                return False
            self._at.tickets.begin(unit, fence)
        return True

    def _waiting(self, session: Session, *states: TicketState) -> list[Waiting]:
        return [self._one(session, each) for each in self._at.tickets.in_states(session, *states)]

    def _one(self, session: Session, ticket: Ticket) -> Waiting:
        gpus = self._at.recipe(session, ticket).needs.gpus
        return Waiting(ticket.ticket_id, ticket.model, ticket.team or "", ticket.engine, gpus)

    def _engines(self, tickets: Sequence[Waiting]) -> dict[str, Capabilities]:
        """Return what the engines of some tickets hold; one that does not answer holds nothing now."""
        found: dict[str, Capabilities] = {}
        for name in {each.engine for each in tickets}:
            try:
                found[name] = self._at.engines(name).capabilities
            except (SourceUnavailable, NotFound):
                continue
        return found
