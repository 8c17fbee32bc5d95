"""What a worker left in MLflow that was paused, or killed, after its ticket was over."""

from datetime import timedelta

import structlog

from services.decisions.retraining.types import Ticket, TicketState
from services.facts.registry.service import Registry
from services.workflows.retraining.ports import JOB_TAG, Parts
from services.workflows.retraining.runs import Runs
from services.workflows.retraining.versions import Versions

LATELY = timedelta(hours=1)
OVER = tuple(TicketState(each) for each in (
    "registered", "no_better", "refused", "cancelled", "stopped_budget", "stopped_diverged", "failed",
))  # fmt: skip
log = structlog.get_logger(__name__)


class Sweeping:
    """Takes away versions and runs that bear the tag of a ticket and are not the ticket's.

    Notes
    -----
    A process that was paused between asking whether it may and making a version takes its own away when
    it wakes; only when it is killed in that very moment is anything left. It is found in the mirror of
    the registry, however late it was made.
    """

    def __init__(self, parts: Parts, registry: Registry) -> None:
        self._at, self._registry = parts, registry
        self._runs, self._versions = Runs(parts), Versions(parts)
        self._begun = False

    def look(self) -> int:
        """Sweep; return how many tickets had something left."""
        with self._at.store.reading() as session:
            over = self._at.tickets.in_states(session, *OVER)
            seen = {
                (model, version.tags[JOB_TAG], version.ref.version)
                for model in {each.model for each in over}
                for version in self._registry.versions(session, model)
                if JOB_TAG in version.tags
            }
        now, swept = self._at.store.clock.now(), 0
        for ticket in over:
            extra = {
                v for model, job, v in seen if (model, job) == (ticket.model, ticket.ticket_id)
            }
            late = not self._begun or (ticket.closed_at or now) > now - LATELY
            if extra - {ticket.result_version} or (late and ticket.run_id):
                swept += self._sweep(ticket)
        self._begun = True
        return swept

    def _sweep(self, ticket: Ticket) -> int:
        versions = self._versions.close(ticket.model, ticket.ticket_id, ticket.result_version)
        runs = self._runs.end(ticket)
        if versions or runs:
            log.warning("swept", ticket=ticket.ticket_id, versions=versions, runs=runs)
        return int(bool(versions or runs))
