"""The order of steps of a ticket: quoted, then carried out."""

from collections.abc import Callable

from services.workflows import dbos_adapter
from services.workflows.orders import Step, abandoning, failure_of, stops
from services.workflows.retraining.quoting import Quoting
from services.workflows.retraining.service import Retraining
from services.workflows.triggering.sources import Sources


def ticket_quote(work: Quoting) -> Callable[[Step], None]:
    """Return what registers the order of quoting a ticket."""

    def register_it(started: Step) -> None:
        quote = dbos_adapter.step("ticket_quote.quote", work.quote)
        close = dbos_adapter.step("ticket_quote.close", work.close)
        abandon = dbos_adapter.step("ticket_quote.abandon", abandoning(work))

        def order(task_id: str) -> None:
            if not started(task_id):
                return
            try:
                quote(task_id)
                close(task_id)
            except stops() as error:
                failure = failure_of(error)
                abandon(task_id, failure.kind, failure.words)

        dbos_adapter.workflow("ticket_quote", order)

    return register_it


def source_look(work: Sources) -> Callable[[Step], None]:
    """Return what registers the order of reading a source of training data."""

    def register_it(started: Step) -> None:
        read = dbos_adapter.step("source_look.read", work.read)
        abandon = dbos_adapter.step("source_look.abandon", abandoning(work))

        def order(task_id: str) -> None:
            if not started(task_id):
                return
            try:
                read(task_id)
            except stops() as error:
                failure = failure_of(error)
                abandon(task_id, failure.kind, failure.words)

        dbos_adapter.workflow("source_look", order)

    return register_it


def retraining(work: Retraining) -> Callable[[Step], None]:
    """Return what registers the order of carrying a ticket out.

    Notes
    -----
    Every step is the same: it moves the ticket on by one, whoever left it where. What a source withholds
    is asked for again inside; whatever else is wrong ends the workflow, and the worker ends the ticket.
    """

    def register_it(started: Step) -> None:
        advance = dbos_adapter.step("retraining.advance", work.advance)

        def order(task_id: str) -> None:
            if not started(task_id):
                return
            while not advance(task_id)["over"]:
                pass

        dbos_adapter.workflow("retraining", order)

    return register_it
