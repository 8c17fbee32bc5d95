"""What follows a version that a ticket brought: it is mirrored, measured, and put under review."""

from services.decisions.retraining.types import Ticket
from services.decisions.review.service import Reviews
from services.decisions.review.types import ReviewForm
from services.facts.registry.service import Registry
from services.kernel.error import Conflict, SourceUnavailable
from services.kernel.identity import SYSTEM, ModelRef
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store


class Following:
    """Asks for what follows, each once."""

    def __init__(self, store: Store, tasks: Tasks, reviews: Reviews, registry: Registry) -> None:
        self._store, self._tasks, self._reviews = store, tasks, reviews
        self._registry = registry

    def __call__(self, ticket: Ticket, ref: ModelRef) -> str:
        """Ask for the version's measurement and open its review; return in words what was done.

        Raises
        ------
        SourceUnavailable
            Until the mirror of MLflow has the version, half a minute at most; ask again.
        """
        with self._store.reading() as session:
            known = [each.ref for each in self._registry.versions(session, ref.name)]
        if not any((each.version, each.run_id) == (ref.version, ref.run_id) for each in known):
            raise SourceUnavailable(
                f"{ref.label} is registered; the next look at MLflow mirrors it."
            )
        self._measure(ref)
        words = (
            f"Ticket {ticket.ticket_id} trained it anew, and it is better on the holdout. "
            f"Why it was asked for: {ticket.cause.words}"
        )
        key = f"retrained:{ticket.ticket_id}"
        form = ReviewForm(ref.name, ref.version, ticket.alias, words[:4000], key)
        try:
            self._reviews.request_as(SYSTEM, ticket.opened_by, form)
        except Conflict as error:
            return f"{ref.label} is registered. Its review was not opened: {error.message}"
        return f"{ref.label} is registered, and its review for {ticket.alias} is open."

    def _measure(self, ref: ModelRef) -> None:
        with self._store.operational() as session:
            self._tasks.request(
                session,
                "measurement",
                ("version", f"{ref.name}/{ref.version}"),
                {
                    "name": ref.name,
                    "version": ref.version,
                    "run_id": ref.run_id,
                    "partition": ref.name,
                },
                requested_by=SYSTEM.id,
                key=f"first-measurement:{ref.name}:{ref.version}:{ref.run_id}",
            )
