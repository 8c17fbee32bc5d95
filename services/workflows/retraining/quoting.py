"""What is looked at before a ticket costs anything: its rows, then its price."""

from services.decisions.recipe.types import Recipe
from services.decisions.retraining.types import DataFacts, Quote, Ticket, TicketState
from services.facts.evidence.types import Producer
from services.kernel.error import CountersignError, SourceUnavailable
from services.kernel.identity import SYSTEM
from services.workflows.measurement.journal import Journal
from services.workflows.measurement.service import code_version
from services.workflows.retraining.crash import crash
from services.workflows.retraining.market import on_spot
from services.workflows.retraining.ports import Examined, Parts
from services.workflows.types import StepFailed

NO_RECIPE = "This model has no recipe; draft one from its run, publish it, and open a new ticket."


class Quoting:
    """Checks the rows of a ticket, files what it saw, and says what the ticket may cost."""

    def __init__(self, parts: Parts) -> None:
        self._at = parts

    def quote(self, task_id: str) -> None:
        """Quote a ticket, or refuse it in one sentence; done again it changes nothing."""
        ticket = self._ticket(task_id)
        if ticket.state is not TicketState.DRAFT:
            return
        if not ticket.recipe:
            self._refuse(ticket, NO_RECIPE, None)
            return
        try:
            self._quote(task_id, ticket)
        except SourceUnavailable:
            raise
        except CountersignError as error:
            self._refuse(ticket, error.message, None)

    def close(self, task_id: str) -> None:
        """End the task; what came of it stands in the ticket."""
        ticket, journal = self._ticket(task_id), self._journal(task_id)
        state = ticket.state.value
        journal.say(1.0, ticket.state_reason or f"It is {state.replace('_', ' ')}.")
        result = {"state": state, "words": ticket.state_reason}
        self._at.tasks.succeed(task_id, result, journal.archive())

    def abandon(self, task_id: str, failure: StepFailed) -> None:
        """Refuse a ticket that nobody could quote."""
        ticket = self._ticket(task_id)
        if ticket.state is TicketState.DRAFT:
            self._refuse(ticket, failure.words, None)
        self._journal(task_id).end(failure)

    # inside

    def _quote(self, task_id: str, ticket: Ticket) -> None:
        journal = self._journal(task_id)
        with self._at.store.reading() as session:
            recipe = self._at.recipe(session, ticket)
            spent = self._at.comparing.spent(session, ticket, recipe)
        if spent:
            self._refuse(ticket, spent, None)
            return
        journal.say(0.1, "Reading the training rows and hashing them")
        rows = self._at.data.load(recipe, ticket)
        journal.say(0.4, f"{rows.rows:,} rows, SHA-256 {rows.sha256}; checking them")
        with self._at.store.reading() as session:
            seen = self._at.data.examine(session, recipe, ticket, rows)
        self._file(task_id, ticket, seen)
        crash("examined")
        journal.say(0.8, "Working out what it may cost")
        if seen.facts.refused:
            self._refuse(ticket, seen.facts.refused[0], seen.facts)
        else:
            self._priced(ticket, recipe, seen)

    def _file(self, task_id: str, ticket: Ticket, seen: Examined) -> None:
        """File the evidence with the version to be replaced; without one there is nobody it is of."""
        if ticket.base is None or not seen.readings:
            return
        producer = Producer(task_id, code_version())
        with self._at.store.unit(SYSTEM) as unit:
            for reading in seen.readings:
                self._at.evidence.file(unit, ticket.base, reading, producer)

    def _priced(self, ticket: Ticket, recipe: Recipe, seen: Examined) -> None:
        spot = on_spot(recipe.needs, (), self._at.engines(ticket.engine).capabilities)
        with self._at.store.reading() as session:
            quote, against = self._at.costs.quote(session, ticket, recipe, spot=spot)
        if against:
            self._refuse(ticket, against, seen.facts, quote)
            return
        with self._at.store.unit(SYSTEM) as unit:
            self._at.tickets.quoted(unit, ticket.ticket_id, seen.facts, quote)
        crash("quoted")

    def _refuse(
        self, ticket: Ticket, words: str, data: DataFacts | None, quote: Quote | None = None
    ) -> None:
        with self._at.store.unit(SYSTEM) as unit:
            self._at.tickets.refused(unit, ticket.ticket_id, words, data, quote)

    def _ticket(self, task_id: str) -> Ticket:
        ticket_id = str(self._at.tasks.get(task_id).payload["ticket_id"])
        with self._at.store.reading() as session:
            return self._at.tickets.get(session, ticket_id)

    def _journal(self, task_id: str) -> Journal:
        return Journal(self._at.tasks, self._at.archive, task_id, self._at.jobs)
