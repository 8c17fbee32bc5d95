"""Tickets together with the reviews that decide them."""

from datetime import timedelta

from services.decisions.retraining.quote import DataFacts, Quote
from services.decisions.retraining.reading import Rooms as TicketRooms
from services.decisions.retraining.service import Tickets
from services.decisions.retraining.types import Ticket, TicketState
from services.decisions.review import repository
from services.decisions.review.standing import Rooms, Standings
from services.decisions.review.types import Purpose, Review, ReviewState
from services.kernel.identity import DEFAULT_REGISTRY, DEFAULT_WORKSPACE, ModelRef, new_id
from services.people.account.types import Principal
from services.record.trail.unit_of_work import UnitOfWork


class TicketDesk(Tickets):
    """Tickets, each quote of which opens its review, and whose end closes it.

    Notes
    -----
    A review opened for a ticket calls the plain moves of tickets when it is decided: reviews know
    tickets, and of the two only this desk knows both ways.
    """

    def __init__(self, rooms: TicketRooms, review_rooms: Rooms) -> None:
        super().__init__(rooms)
        self._standings = Standings(review_rooms)

    def quoted(
        self, unit: UnitOfWork, ticket_id: str, data: DataFacts | None, quote: Quote
    ) -> Ticket:
        """Note data and quote, and open the review where somebody must sign; see :class:`Tickets`.

        Events ``ticket:quoted``, and ``review:requested`` where a review opens.
        """
        before = self.get(unit.session, ticket_id)
        ticket = super().quoted(unit, ticket_id, data, quote)
        if before.state is ticket.state or ticket.state is not TicketState.AWAITING_APPROVAL:
            return ticket
        review, seq = self._ask(unit, ticket)
        return self.under_review(unit, ticket_id, review.review_id, seq)

    def called_off(
        self, unit: UnitOfWork, principal: Principal, ticket_id: str, words: str
    ) -> Ticket:
        """Call a ticket off, and its open review with it."""
        ticket = super().called_off(unit, principal, ticket_id, words)
        review = repository.by_id(unit.session, ticket.review_id) if ticket.review_id else None
        if review is not None and review.state is ReviewState.OPEN:
            seq = unit.event("review:withdrawn", ("review", review.review_id))
            repository.move(unit, review, ReviewState.WITHDRAWN, seq)
        return ticket

    def _ask(self, unit: UnitOfWork, ticket: Ticket) -> tuple[Review, int]:
        """Open the review of a ticket; return it and its event."""
        asked = {
            "purpose": Purpose.RETRAIN.value, "alias": ticket.alias, "subject": ticket.ticket_id,
            "requester": ticket.opened_by, "rationale": ticket.rationale,
        }  # fmt: skip
        ref = ticket.base or _none_yet(ticket.model)
        now = self._standings.made(unit.session, ref, asked)
        due = unit.now + timedelta(days=now.policy.review.due_days)
        review = Review(
            new_id(), Purpose.RETRAIN, ref, ticket.alias, ticket.round, ticket.opened_by, unit.now,
            ticket.rationale, due, ReviewState.OPEN, now.basis_digest, "ticket", ticket.ticket_id,
        )  # fmt: skip
        seq = unit.event(
            "review:requested", ("review", review.review_id), purpose=review.purpose,
            model=ref.name, ticket=ticket.ticket_id, round=review.round,
            basis_digest=now.basis_digest, due_at=due,
        )  # fmt: skip
        repository.write(unit, review, seq)
        return review, seq


def _none_yet(model: str) -> ModelRef:
    """Return what stands for the version of a model that has none."""
    return ModelRef(DEFAULT_REGISTRY, DEFAULT_WORKSPACE, model, 0, "", "")
