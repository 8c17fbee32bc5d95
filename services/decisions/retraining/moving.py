"""What becomes of a ticket before it trains: quoted, allowed, sent back, revised."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.decisions.recipe.types import Recipe
from services.decisions.retraining import encoding, repository, rules
from services.decisions.retraining.opening import SYSTEM_PERSON, parameters_of, sentence
from services.decisions.retraining.quote import DataFacts, Quote
from services.decisions.retraining.stopping import Stopping
from services.decisions.retraining.types import TICKET, Ticket, TicketState
from services.kernel.error import Conflict
from services.kernel.identity import Role
from services.people.account.types import Principal
from services.record.canonical import digest, sha256_hex
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.authority.types import Action

TRAIN_KIND = "retraining"
S = TicketState


class Moving(Stopping):
    """Everything that happens to a ticket before it costs anything."""

    def quoted(
        self, unit: UnitOfWork, ticket_id: str, data: DataFacts | None, quote: Quote
    ) -> Ticket:
        """Note data and quote; event ``ticket:quoted``.

        Notes
        -----
        It waits for its approvals then; where the policy asks for none it is queued, and a dry run is
        over. Noting it twice changes nothing.
        """
        lock_head(unit.session)
        ticket = self.get(unit.session, ticket_id)
        if ticket.state is not S.DRAFT:
            return ticket
        policy = self._at.gate.policy(unit.session, ticket.model, ticket.alias)
        quorum = policy.retraining.quorum(ticket.cause.trigger, quote.worst, policy.review.quorum)
        known = replace(ticket, data=data, quote=quote, quorum=_plainly(quorum), state_reason="")
        seq = unit.event(
            "ticket:quoted", ("ticket", ticket_id), model=ticket.model, round=ticket.round,
            data=encoding.facts(data), quote=encoding.quote(quote), quorum=known.quorum,
            policy_sha256=policy.sha256,
        )  # fmt: skip
        if ticket.dry_run:
            return self._end(
                unit, known, S.CANCELLED, "A dry run: it was quoted, nothing is started.", seq
            )
        if quorum:
            return self._move(unit, known, S.AWAITING_APPROVAL, "", seq)
        return self._queue(unit, known, seq)

    def under_review(self, unit: UnitOfWork, ticket_id: str, review_id: str, seq: int) -> Ticket:
        """Note the review that decides a ticket, under the event that opened it."""
        ticket = self.get(unit.session, ticket_id)
        return repository.write(unit, replace(ticket, review_id=review_id), seq)

    def approve(self, unit: UnitOfWork, ticket_id: str) -> Ticket:
        """Queue a ticket whose quorum is complete; event ``ticket:approved``.

        Raises
        ------
        InvalidTransition
            When it does not wait for approval.
        """
        lock_head(unit.session)
        ticket = self.get(unit.session, ticket_id)
        TICKET.check(ticket.state, S.QUEUED)
        seq = unit.event(
            "ticket:approved", ("ticket", ticket_id), model=ticket.model,
            review_id=ticket.review_id,
        )  # fmt: skip
        return self._queue(unit, ticket, seq)

    def send_back(self, unit: UnitOfWork, ticket_id: str, reason: str) -> Ticket:
        """Make a ticket a draft again, to be revised and quoted anew; event ``ticket:returned``."""
        lock_head(unit.session)
        ticket = self.get(unit.session, ticket_id)
        TICKET.check(ticket.state, S.DRAFT)
        seq = unit.event("ticket:returned", ("ticket", ticket_id), model=ticket.model)
        blank = replace(ticket, data=None, quote=None, quorum={}, round=ticket.round + 1)
        return self._move(unit, blank, S.DRAFT, reason, seq)

    def revise(
        self,
        principal: Principal,
        ticket_id: str,
        reason: str,
        *,
        parameters: Mapping[str, str] | None = None,
        engine: str = "",
    ) -> Ticket:
        """Correct a ticket that was sent back, and ask for a new quote; event ``ticket:revised``.

        Notes
        -----
        It takes the recipe in force; one that a push opened, at the commit that was pushed.

        Raises
        ------
        Conflict
            When it was not sent back, or is being quoted already.
        """
        words = sentence(reason, "what was changed")
        with self._at.store.unit(principal.actor) as unit:
            ticket = self._mine(unit, principal, ticket_id, Action.TICKET_OPEN)
            if not ticket.was_returned:
                raise Conflict("This ticket was not sent back; reload the page.")
            recipe = self._anew(unit, ticket)
            revised = replace(
                ticket,
                recipe=recipe.name if recipe else "",
                recipe_version=recipe.version if recipe else 0,
                recipe_sha256=recipe.sha256 if recipe else "",
                parameters=parameters_of(recipe, parameters or {}),
                engine=engine.strip() or ticket.engine,
                rationale=words,
                state_reason="",
                base=self._base(unit.session, ticket.model),
            )
            seq = unit.event(
                "ticket:revised", ("ticket", ticket_id), model=ticket.model, round=ticket.round,
                recipe_sha256=revised.recipe_sha256, engine=revised.engine,
                parameters_sha256=digest(dict(revised.parameters)),
                rationale_sha256=sha256_hex(words.encode()),
            )  # fmt: skip
            return repository.write(unit, self._to_quote(unit.session, revised), seq)

    # inside

    def _anew(self, unit: UnitOfWork, ticket: Ticket) -> Recipe | None:
        commit = rules.commit_of(ticket.cause) if ticket.opened_by == SYSTEM_PERSON else ""
        if commit:
            return self._at.recipes.at_commit(unit, ticket.model, ticket.recipe, commit).recipe
        found = self._at.recipes.current(unit.session, ticket.model, ticket.recipe)
        return found.recipe if found else None

    def _queue(self, unit: UnitOfWork, ticket: Ticket, seq: int) -> Ticket:
        self._at.recipes.adopt(unit, ticket.recipe_sha256)
        task = self._at.tasks.request(
            unit.session,
            TRAIN_KIND,
            ("ticket", ticket.ticket_id),
            {"ticket_id": ticket.ticket_id, "partition": ticket.model},
            requested_by=ticket.opened_by,
            key=f"{TRAIN_KIND}:{ticket.ticket_id}",
        )
        return self._move(unit, replace(ticket, task_id=task.task_id), S.QUEUED, "", seq)


def _plainly(quorum: Mapping[Role, int]) -> dict[str, Any]:
    return {role.value: n for role, n in quorum.items()}
