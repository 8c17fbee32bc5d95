"""Who trained a version: a person that MLflow's name means, or the console for whoever opened a ticket."""

from dataclasses import dataclass

from sqlmodel import Session

from services.decisions.retraining.opening import SYSTEM_PERSON
from services.decisions.retraining.service import Tickets
from services.facts.registry.service import Registry
from services.kernel.identity import ModelRef
from services.people.account.service import Accounts


@dataclass(frozen=True, slots=True)
class Trainer:
    """Who trained a version.

    Attributes
    ----------
    person_id
        Whom separation of duties keeps apart; None when nobody did, or nobody knows.
    words
        As a sentence says it.
    """

    person_id: str | None
    words: str
    known: bool


@dataclass(frozen=True, slots=True)
class Trainers:
    """Finds out who trained a version, by our own tickets first: anybody may write MLflow's tags."""

    registry: Registry
    accounts: Accounts
    tickets: Tickets

    def of(self, session: Session, ref: ModelRef) -> Trainer:
        """Return who trained a version."""
        ticket = self.tickets.of_version(session, ref.name, ref.version, ref.run_id)
        if ticket is None:
            return self._by_name(session, ref)
        if ticket.opened_by == SYSTEM_PERSON:
            return Trainer(None, "the console, as the policy asked", known=True)
        name = self.accounts.by_id(session, ticket.opened_by).name
        return Trainer(ticket.opened_by, f"the console, for {name}", known=True)

    def _by_name(self, session: Session, ref: ModelRef) -> Trainer:
        run = self.registry.run(session, ref.run_id)
        said = run.user if run else None
        person = self.accounts.by_external_name(session, said)
        if person is not None:
            return Trainer(person.person_id, person.name, known=True)
        return Trainer(None, f"{said!r} in MLflow" if said else "nobody MLflow names", known=False)
