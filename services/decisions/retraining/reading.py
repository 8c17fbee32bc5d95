"""Reading tickets: what is asked for, what runs, what came of it, what was held back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from services.decisions.recipe.rules import difference
from services.decisions.recipe.types import PublishedRecipe
from services.decisions.retraining import attempts, notes, repository, rules
from services.decisions.retraining.quote import PastRun
from services.decisions.retraining.types import TICKET, Attempt, Held, Ticket, TicketState
from services.facts.registry.service import Registry
from services.judgement.gate.service import Gate
from services.kernel.error import NotFound
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.authority.rules import Authority
from services.standards.governance.service import Governance

OPEN = tuple(each for each in TicketState if not TICKET.is_final(each))
TRAINED = (TicketState.REGISTERED, TicketState.NO_BETTER)
MOST_HELD = 50


class RecipeSource(Protocol):
    """Whatever knows the recipes in force."""

    def current(
        self, session: Session, model: str, name: str = "", at: datetime | None = None
    ) -> PublishedRecipe | None:
        """Return the recipe a model is trained by: the one named, else the last published; or None."""
        ...

    def by_sha256(self, session: Session, sha256: str) -> PublishedRecipe:
        """Return one recipe, in force or not."""
        ...

    def at_commit(self, unit: UnitOfWork, model: str, name: str, commit: str) -> PublishedRecipe:
        """Return the recipe in force at another commit, not in force."""
        ...

    def adopt(self, unit: UnitOfWork, sha256: str) -> None:
        """Put a recipe in force that was made for another commit; any other stays as it is."""
        ...


@dataclass(frozen=True)
class Rooms:
    """The rooms that tickets enter."""

    store: Store
    tasks: Tasks
    authority: Authority
    governance: Governance
    registry: Registry
    gate: Gate
    recipes: RecipeSource


class TicketReader:
    """Every ticket there was, to read; none is ever deleted."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms

    def get(self, session: Session, ticket_id: str, at: datetime | None = None) -> Ticket:
        """Return one ticket as it stands, or stood at an instant.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        found = repository.by_id(session, ticket_id, at)
        if found is None:
            raise NotFound("There is no such ticket.")
        return found

    def list(self, session: Session, at: datetime | None = None) -> Sequence[Ticket]:
        """Return all tickets, newest first."""
        return repository.find(session, at=at)

    def of_model(
        self, session: Session, model: str, at: datetime | None = None
    ) -> Sequence[Ticket]:
        """Return the tickets of one model, newest first."""
        return repository.find(session, model=model, at=at)

    def open_ones(self, session: Session) -> Sequence[Ticket]:
        """Return the tickets that are not over, newest first."""
        return repository.find(session, states=OPEN)

    def in_states(self, session: Session, *states: TicketState) -> Sequence[Ticket]:
        """Return every ticket in some states, oldest first."""
        return repository.find(session, states=states)[::-1]

    def past(self, session: Session, ticket_id: str) -> Sequence[Ticket]:
        """Return every way a ticket ever stood, oldest first."""
        return repository.past(session, ticket_id)

    def of_version(self, session: Session, model: str, version: int, run_id: str) -> Ticket | None:
        """Return the ticket that brought a version, or None."""
        found = repository.ticket_of(session, model, version, run_id)
        return self.get(session, found) if found else None

    def changes(self, session: Session, ticket: Ticket) -> tuple[str, ...]:
        """Return how the recipe differs from that of the version to be replaced, one sentence each."""
        if not ticket.recipe_sha256:
            return ()
        base, before = ticket.base, None
        if base is not None:
            made_by = self.of_version(session, base.name, base.version, base.run_id)
            if made_by is not None and made_by.recipe_sha256:
                before = self._at.recipes.by_sha256(session, made_by.recipe_sha256).recipe
        return difference(before, self._at.recipes.by_sha256(session, ticket.recipe_sha256).recipe)

    def beside(self, session: Session, ticket: Ticket) -> Sequence[Ticket]:
        """Return the other tickets of its model that are not over, while it is not; newest first."""
        if ticket.is_over:
            return ()
        found = repository.find(session, model=ticket.model, states=OPEN)
        return [each for each in found if each.ticket_id != ticket.ticket_id]

    def attempts(self, session: Session, ticket_id: str) -> Sequence[Attempt]:
        """Return the attempts at a ticket, the first first."""
        return attempts.of_tickets(session, [ticket_id])[ticket_id]

    def unfinished(self, session: Session, engine: str | None = None) -> Sequence[Attempt]:
        """Return the attempts that are not over, on one engine or on all, oldest first."""
        return attempts.unfinished(session, engine)

    def history(self, session: Session, model: str, recipe: str) -> Sequence[PastRun]:
        """Return what the trainings of a recipe took that ended well, newest first."""
        ended = [
            each
            for each in repository.find(session, model=model, states=TRAINED)
            if each.recipe == recipe
        ]
        tries = attempts.of_tickets(session, [each.ticket_id for each in ended])
        found = (rules.past_run(each, tries[each.ticket_id]) for each in ended)
        return [each for each in found if each is not None]

    def knows(self, session: Session, key: str) -> bool:
        """Tell whether a ticket was opened for a cause."""
        return repository.of_key(session, key) is not None

    def held_back(self, session: Session, model: str | None = None) -> Sequence[Held]:
        """Return the triggers that opened no ticket, and why, the last first."""
        return notes.held(session, model, MOST_HELD)
