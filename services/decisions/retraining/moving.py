"""What becomes of a ticket before it trains: quoted, allowed, sent back, refused, called off."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.decisions.retraining import encoding, repository
from services.decisions.retraining.opening import Opening, parameters_of, sentence
from services.decisions.retraining.quote import DataFacts, Quote
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
BEFORE = (S.DRAFT, S.AWAITING_APPROVAL, S.QUEUED)


class Moving(Opening):
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
        It takes the recipe in force.

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
            found = self._at.recipes.current(unit.session, ticket.model, ticket.recipe)
            recipe = found.recipe if found else None
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

    def refused(
        self, unit: UnitOfWork, ticket_id: str, reason: str, data: DataFacts | None = None
    ) -> Ticket:
        """End a ticket that may not be trained; it has cost nothing. Event ``ticket:refused``."""
        lock_head(unit.session)
        ticket = self.get(unit.session, ticket_id)
        if ticket.state is S.REFUSED:
            return ticket
        TICKET.check(ticket.state, S.REFUSED)
        known = replace(ticket, data=data or ticket.data)
        seq = unit.event(
            "ticket:refused", ("ticket", ticket_id), model=ticket.model,
            reason_sha256=sha256_hex(reason.encode()), data=encoding.facts(known.data),
        )  # fmt: skip
        return self._end(unit, known, S.REFUSED, reason, seq)

    def cancel(self, principal: Principal, ticket_id: str, reason: str) -> Ticket:
        """Call a ticket off: at once before it runs; while it runs it is asked to stop.

        Notes
        -----
        Event ``ticket:closed``, or ``ticket:recalled`` while it runs. What stops it writes the end.

        Raises
        ------
        NotPermitted
            When it is another's, and no role over the model allows it.
        InvalidTransition
            When it is over.
        """
        words = sentence(reason, "why it is called off")
        with self._at.store.unit(principal.actor) as unit:
            ticket = self.called_off(unit, principal, ticket_id, words)
        if ticket.task_id:
            self._at.tasks.request_cancel(ticket.task_id)
        return ticket

    def called_off(
        self, unit: UnitOfWork, principal: Principal, ticket_id: str, words: str
    ) -> Ticket:
        """Call a ticket off inside the caller's transaction; see :meth:`cancel`."""
        ticket = self._mine(unit, principal, ticket_id, Action.TICKET_CANCEL)
        return self._call_off(unit, ticket, principal.person_id, words)

    def undecided(self, unit: UnitOfWork, ticket_id: str) -> Ticket:
        """Refuse a ticket that nobody decided by the date; one that waits no more stays."""
        lock_head(unit.session)
        ticket = self.get(unit.session, ticket_id)
        if ticket.state is not S.AWAITING_APPROVAL:
            return ticket
        return self.refused(unit, ticket_id, "Nobody decided by the date; open a ticket again.")

    def disallowed(self, unit: UnitOfWork, ticket_id: str, person_id: str) -> Ticket:
        """Call off a ticket that a signature allowed which was taken back; one that is over stays."""
        lock_head(unit.session)
        ticket = self.get(unit.session, ticket_id)
        if ticket.is_over or ticket.recalled_by or ticket.state is S.AWAITING_APPROVAL:
            return ticket
        return self._call_off(unit, ticket, person_id, "A signature it rests on was taken back.")

    # inside

    def _call_off(self, unit: UnitOfWork, ticket: Ticket, person_id: str, words: str) -> Ticket:
        subject = ("ticket", ticket.ticket_id)
        facts = {"reason_sha256": sha256_hex(words.encode())}
        TICKET.check(ticket.state, S.CANCELLED)
        if ticket.state in BEFORE:
            seq = unit.event("ticket:closed", subject, state=S.CANCELLED, **facts)
            return self._end(unit, ticket, S.CANCELLED, words, seq)
        if ticket.recalled_by:
            raise Conflict("Somebody asked it to stop already; it is stopping.")
        seq = unit.event("ticket:recalled", subject, **facts)
        recalled = replace(ticket, recalled_by=person_id, state_reason=words)
        return repository.write(unit, recalled, seq)

    def _mine(
        self, unit: UnitOfWork, principal: Principal, ticket_id: str, action: Action
    ) -> Ticket:
        """Return a ticket, refusing who neither opened it nor may do this to the model's."""
        lock_head(unit.session)
        ticket = self.get(unit.session, ticket_id)
        model = self._at.governance.require(unit.session, ticket.model)
        if ticket.opened_by != principal.person_id:
            self._at.authority.require(principal, action, model=model.name, team=model.team_id)
        return ticket

    def _queue(self, unit: UnitOfWork, ticket: Ticket, seq: int) -> Ticket:
        task = self._at.tasks.request(
            unit.session,
            TRAIN_KIND,
            ("ticket", ticket.ticket_id),
            {"ticket_id": ticket.ticket_id, "partition": ticket.model},
            requested_by=ticket.opened_by,
            key=f"{TRAIN_KIND}:{ticket.ticket_id}",
        )
        return self._move(unit, replace(ticket, task_id=task.task_id), S.QUEUED, "", seq)

    def _move(
        self, unit: UnitOfWork, ticket: Ticket, state: TicketState, reason: str, seq: int
    ) -> Ticket:
        TICKET.check(ticket.state, state)
        return repository.write(unit, replace(ticket, state=state, state_reason=reason), seq)

    def _end(
        self, unit: UnitOfWork, ticket: Ticket, state: TicketState, reason: str, seq: int
    ) -> Ticket:
        return self._move(unit, replace(ticket, closed_at=unit.now), state, reason, seq)


def _plainly(quorum: Mapping[Role, int]) -> dict[str, Any]:
    return {role.value: n for role, n in quorum.items()}
