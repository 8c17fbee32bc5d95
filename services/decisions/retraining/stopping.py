"""How a ticket ends before it costs anything: refused, called off, never decided, disallowed."""

from dataclasses import replace

from services.decisions.retraining import encoding, repository
from services.decisions.retraining.opening import Opening, sentence
from services.decisions.retraining.quote import DataFacts, Quote
from services.decisions.retraining.types import TICKET, Ticket, TicketState
from services.kernel.error import Conflict
from services.people.account.types import Principal
from services.record.canonical import sha256_hex
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.authority.types import Action

S = TicketState
BEFORE = (S.DRAFT, S.AWAITING_APPROVAL, S.QUEUED)


class Stopping(Opening):
    """Every way in which a ticket comes to nothing."""

    def refused(
        self,
        unit: UnitOfWork,
        ticket_id: str,
        reason: str,
        data: DataFacts | None = None,
        quote: Quote | None = None,
    ) -> Ticket:
        """End a ticket that may not be trained; it has cost nothing. Event ``ticket:refused``.

        Parameters
        ----------
        data, quote
            As far as it was looked at; None leaves what is known.
        """
        lock_head(unit.session)
        ticket = self.get(unit.session, ticket_id)
        if ticket.state is S.REFUSED:
            return ticket
        TICKET.check(ticket.state, S.REFUSED)
        known = replace(ticket, data=data or ticket.data, quote=quote or ticket.quote)
        seq = unit.event(
            "ticket:refused", ("ticket", ticket_id), model=ticket.model,
            reason_sha256=sha256_hex(reason.encode()), data=encoding.facts(known.data),
            quote=encoding.quote(known.quote),
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

    def _move(
        self, unit: UnitOfWork, ticket: Ticket, state: TicketState, reason: str, seq: int
    ) -> Ticket:
        TICKET.check(ticket.state, state)
        return repository.write(unit, replace(ticket, state=state, state_reason=reason), seq)

    def _end(
        self, unit: UnitOfWork, ticket: Ticket, state: TicketState, reason: str, seq: int
    ) -> Ticket:
        return self._move(unit, replace(ticket, closed_at=unit.now), state, reason, seq)
