"""MLflow's run of a ticket: made once, ended always, and none beside it."""

from services.decisions.retraining.fence import Fence
from services.decisions.retraining.types import Ticket, TicketState
from services.kernel.error import Conflict
from services.kernel.identity import SYSTEM
from services.workflows.retraining.crash import crash
from services.workflows.retraining.keeping import Held
from services.workflows.retraining.ports import JOB_TAG, TICKET_TAG, Parts

ENDS = {
    TicketState.REGISTERED: "FINISHED",
    TicketState.NO_BETTER: "FINISHED",
    TicketState.FAILED: "FAILED",
}
KILLED = "KILLED"


class Runs:
    """The runs of tickets in MLflow."""

    def __init__(self, parts: Parts) -> None:
        self._at = parts

    def once(self, ticket: Ticket, held: Held) -> str:
        """Return the run of a ticket, made where there is none.

        Notes
        -----
        Whoever made one too many takes away its own; what a killed process left is taken away when
        the ticket is closed.

        Raises
        ------
        Conflict
            When another drives the ticket.
        """
        if ticket.run_id:
            return ticket.run_id
        tracking = self._at.tracking
        experiment = tracking.experiment(ticket.model)
        found = [r.run_id for r in tracking.runs_tagged(experiment, JOB_TAG, ticket.ticket_id)]
        made = ""
        if not found:
            held.check()
            crash("run_checked")
            made = self._make(experiment, ticket)
            crash("run_made")
            tagged = tracking.runs_tagged(experiment, JOB_TAG, ticket.ticket_id)
            found = [r.run_id for r in tagged] or [made]
        try:
            kept = self._note(held.fence, found[0])
        except Conflict:
            self._take_back(ticket.ticket_id, made)
            raise
        return kept

    def end(self, ticket: Ticket) -> int:
        """End the run of a ticket that is over, and take away any other that bears its tag.

        Returns
        -------
        int
            How many were not as they should be.
        """
        tracking, changed = self._at.tracking, 0
        experiment = tracking.experiment(ticket.model)
        for run in tracking.runs_tagged(experiment, JOB_TAG, ticket.ticket_id):
            if run.run_id != ticket.run_id:
                tracking.delete_run(run.run_id)
            elif run.status == "RUNNING":
                now = self._at.store.clock.now()
                tracking.end_run(run.run_id, ENDS.get(ticket.state, KILLED), now)
            else:
                continue
            changed += 1
        return changed

    def _make(self, experiment: str, ticket: Ticket) -> str:
        tags = {
            TICKET_TAG: ticket.ticket_id,
            JOB_TAG: ticket.ticket_id,
            "countersign.recipe": f"{ticket.recipe}/{ticket.recipe_version}",
            "countersign.recipe_sha256": ticket.recipe_sha256,
            "mlflow.user": "countersign",
        }
        name = f"{ticket.model}-{ticket.ticket_id[-6:]}"
        return self._at.tracking.begin_run(experiment, name, self._at.store.clock.now(), tags)

    def _note(self, fence: Fence, run_id: str) -> str:
        with self._at.store.unit(SYSTEM) as unit:
            return self._at.tickets.ran_as(unit, fence, run_id).run_id

    def _take_back(self, ticket_id: str, made: str) -> None:
        with self._at.store.reading() as session:
            noted = self._at.tickets.get(session, ticket_id).run_id
        if made and noted and noted != made:
            self._at.tracking.delete_run(made)
