"""Opening tickets: by people, and by triggers; one cause opens one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlmodel import Session

from services.decisions.recipe.rules import with_parameters
from services.decisions.recipe.types import Recipe
from services.decisions.retraining import notes, repository, rules
from services.decisions.retraining.reading import TicketReader
from services.decisions.retraining.types import (
    TICKET,
    Cause,
    Held,
    Ticket,
    TicketForm,
    TicketState,
    Trigger,
)
from services.kernel.error import Conflict, InvalidInput, NotFound
from services.kernel.identity import SYSTEM, ModelRef, new_id
from services.kernel.text import clean, one_line
from services.people.account.types import Principal
from services.record.canonical import digest, sha256_hex
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.authority.types import Action
from services.standards.policy.training import Retraining

ALIAS = "champion"
QUOTE_KIND = "ticket_quote"
SYSTEM_PERSON = "system"
BY_PEOPLE = (Trigger.MANUAL, Trigger.CODE)
LONGEST, SHORTEST, LONGEST_KEY = 4000, 10, 200
NO_RECIPE = "No recipe is published for this model; publish one, or open a ticket to draft it."


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a ticket is opened for, by whom, in which words."""

    model: str
    cause: Cause
    by: str
    rationale: str
    form: TicketForm


class Opening(TicketReader):
    """How tickets begin."""

    def open(self, principal: Principal, form: TicketForm) -> Ticket:
        """Open a ticket; the same key opens one. Event ``ticket:opened``.

        Raises
        ------
        InvalidInput
            When there is no reason, a parameter is unusable, or the trigger is none of people's.
        NotPermitted
            When this person may not ask for trainings of the model.
        Conflict
            When the policy opens no ticket for this, or not now.
        """
        reason = sentence(form.reason, "why the model should be trained anew")
        if form.trigger not in BY_PEOPLE:
            raise InvalidInput("People open tickets by hand, or for a change of code.")
        about = one_line(form.key, limit=LONGEST_KEY, what="The key")
        cause = Cause(form.trigger, rules.key_of(form.model, form.trigger, about), reason)
        asked = _Asked(form.model, cause, principal.person_id, reason, form)
        with self._at.store.unit(principal.actor) as unit:
            lock_head(unit.session)
            model = self._at.governance.require(unit.session, form.model)
            self._at.authority.require(
                principal, Action.TICKET_OPEN, model=model.name, team=model.team_id
            )
            known = repository.of_key(unit.session, cause.key)
            if known is not None:
                return self.get(unit.session, known)
            against = self._against(unit, asked)
            if not against:
                return self._begin(unit, asked)
        self._note(asked, against)
        raise Conflict(against)

    def open_as(self, model: str, cause: Cause) -> Ticket | Held:
        """Open the ticket of a trigger, or note why it is held back; a cause opens one for good.

        Raises
        ------
        NotFound
            When nobody governs the model, or no policy applies to it.
        """
        form = TicketForm(model, cause.words, cause.key, cause.trigger)
        asked = _Asked(model, cause, SYSTEM_PERSON, cause.words, form)
        try:
            with self._at.store.unit(SYSTEM) as unit:
                lock_head(unit.session)
                known = repository.of_key(unit.session, cause.key)
                if known is not None:
                    return self.get(unit.session, known)
                against = self._against(unit, asked)
                if not against and self._at.recipes.current(unit.session, model) is None:
                    against = NO_RECIPE
                if not against:
                    return self._begin(unit, asked)
        except Conflict as refused:
            against = refused.message
        return self._note(asked, against)

    def _against(self, unit: UnitOfWork, asked: _Asked) -> str:
        """Return why no ticket is opened, in one sentence; empty when one is."""
        plan = self._plan(unit.session, asked.model)
        if asked.cause.trigger is Trigger.MANUAL:
            return rules.forbidden(plan, Trigger.MANUAL)
        tickets = repository.find(unit.session, model=asked.model)
        against = rules.held(plan, asked.cause, tickets, unit.now)
        if against or asked.cause.trigger is not Trigger.CODE:
            return against
        recipe = self._recipe(unit.session, asked.form)
        return rules.other_code(recipe.entry.commit if recipe else "", asked.form.key)

    def _plan(self, session: Session, model: str) -> Retraining:
        return self._at.gate.policy(session, model, ALIAS).retraining

    def _note(self, asked: _Asked, against: str) -> Held:
        with self._at.store.operational() as session:
            now = self._at.store.clock.now()
            return notes.hold(session, asked.model, asked.cause, against, now)

    def _begin(self, unit: UnitOfWork, asked: _Asked) -> Ticket:
        recipe, form = self._trained(unit, asked), asked.form
        model = self._at.governance.require(unit.session, asked.model)
        engine = form.engine.strip() or (recipe.engine if recipe else "local")
        made = Ticket(
            ticket_id=new_id(),
            model=model.name,
            alias=ALIAS,
            base=self._base(unit.session, model.name),
            cause=asked.cause,
            recipe=recipe.name if recipe else "",
            recipe_version=recipe.version if recipe else 0,
            recipe_sha256=recipe.sha256 if recipe else "",
            parameters=parameters_of(recipe, form.parameters),
            engine=one_line(engine, limit=100, what="The engine"),
            data=None,
            quote=None,
            review_id="",
            state=TicketState(TICKET.initial),
            state_reason="",
            opened_by=asked.by,
            opened_at=unit.now,
            rationale=asked.rationale,
            team=model.team_id,
            dry_run=form.dry_run,
        )
        seq = unit.event("ticket:opened", ("ticket", made.ticket_id), **_words(made))
        repository.keep_key(unit, asked.cause.key, made.ticket_id)
        return repository.write(unit, self._to_quote(unit.session, made), seq)

    def _to_quote(self, session: Session, ticket: Ticket) -> Ticket:
        """Ask the worker what a ticket would train on and cost."""
        task = self._at.tasks.request(
            session,
            QUOTE_KIND,
            ("ticket", ticket.ticket_id),
            {"ticket_id": ticket.ticket_id, "round": ticket.round, "partition": ticket.model},
            requested_by=ticket.opened_by,
            key=f"{QUOTE_KIND}:{ticket.ticket_id}:{ticket.round}",
        )
        return replace(ticket, task_id=task.task_id)

    def _trained(self, unit: UnitOfWork, asked: _Asked) -> Recipe | None:
        """Return the recipe that a ticket trains: of a push, the one in force at what was pushed."""
        commit = rules.commit_of(asked.cause) if asked.by == SYSTEM_PERSON else ""
        if commit:
            return self._at.recipes.at_commit(unit, asked.model, "", commit).recipe
        return self._recipe(unit.session, asked.form)

    def _recipe(self, session: Session, form: TicketForm) -> Recipe | None:
        found = self._at.recipes.current(session, form.model, form.recipe)
        if found is None and form.recipe:
            raise NotFound(f"{form.model!r} has no recipe {form.recipe!r}.")
        return found.recipe if found else None

    def _base(self, session: Session, model: str) -> ModelRef | None:
        """Return the champion, or the newest version where there is none; None where there is none."""
        champion = self._at.registry.champion(session, model, ALIAS)
        if champion is not None:
            return champion
        return next((each.ref for each in self._at.registry.versions(session, model)), None)


def sentence(text: str, what: str) -> str:
    """Return cleaned words that say something.

    Raises
    ------
    InvalidInput
        When they are too few.
    """
    words = clean(text, limit=LONGEST, what="The reason")
    if len(words) < SHORTEST:
        raise InvalidInput(f"Say in a sentence {what}.")
    return words


def parameters_of(recipe: Recipe | None, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of a training: the recipe's, and what was written instead.

    Raises
    ------
    InvalidInput
        When something is written that the recipe does not have, or there is no recipe.
    """
    if recipe is None and given:
        raise InvalidInput("There is no recipe yet, so it has no parameters; leave them out.")
    return dict(with_parameters(recipe, given)) if recipe else {}


def _words(made: Ticket) -> dict[str, Any]:
    """Return what the trail says of a new ticket: ids, digests and choices."""
    return {
        "model": made.model,
        "alias": made.alias,
        "trigger": made.cause.trigger,
        "cause_sha256": sha256_hex(made.cause.key.encode()),
        "evidence": list(made.cause.evidence),
        "base": asdict(made.base) if made.base else None,
        "recipe": {
            "name": made.recipe,
            "version": made.recipe_version,
            "sha256": made.recipe_sha256,
        },
        "parameters_sha256": digest(dict(made.parameters)),
        "engine": made.engine,
        "rationale_sha256": sha256_hex(made.rationale.encode()),
        "dry_run": made.dry_run,
    }
