"""A training is allowed by a review: its basis, its quorum, and what each decision does to the ticket."""

from pathlib import Path

import pytest

from services.decisions.retraining.types import Ticket, TicketState
from services.decisions.review.basis import BasisMoved
from services.decisions.review.types import Decision, Purpose, Review, ReviewState
from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, NotPermitted, SeparationOfDutiesViolated
from services.kernel.identity import Role
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.office import PASSWORD, Office, open_office
from tests.support.recipe_book import RECIPE
from tests.support.tickets import DATA, form, opened, quoted, standing, train_on

S = TicketState


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    made = open_office(store, tmp_path, clock, prepare=lambda made: None)
    train_on(made)
    return made


@pytest.fixture
def otto(office: Office) -> Principal:
    return office.hire("Otto Operator", Role.OPERATOR)


@pytest.fixture
def anna(office: Office) -> Principal:
    return office.hire("Anna Approver", Role.APPROVER)


def asked(office: Office, worst: str | None = "12.50") -> tuple[Ticket, Review]:
    """Return a quoted ticket, and the review that decides it."""
    ticket = quoted(office, opened(office), worst)
    return ticket, review_of(office, ticket)


def review_of(office: Office, ticket: Ticket) -> Review:
    with office.services.store.reading() as session:
        found: Review = office.services.reviews.get(session, standing(office, ticket).review_id)
    return found


def test_a_quote_opens_a_review_of_exactly_what_would_be_trained(office: Office) -> None:
    ticket, review = asked(office)
    assert (ticket.state, ticket.review_id) == (S.AWAITING_APPROVAL, review.review_id)
    assert (review.purpose, review.subject_id) == (Purpose.RETRAIN, ticket.ticket_id)
    assert review.ref == office.ref(2)
    with office.services.store.reading() as session:
        basis = office.services.reviews.standing(session, review).basis
    assert (basis["schema"], basis["ticket"]) == ("retrain/1", {"id": ticket.ticket_id, "round": 1})
    assert basis["recipe"] == {"name": "loans", "version": 3, "sha256": RECIPE.sha256}
    assert basis["data"] == {"sha256": DATA.sha256, "rows": 1200, "report": DATA.report}
    assert basis["quote"]["worst"] == {"currency": "USD", "amount": "12.50"}
    assert basis["parameters"] == {"trees": 100, "rate": 0.1, "shuffle": True, "kind": "hist"}


def test_the_last_signature_queues_the_training(office: Office, otto: Principal) -> None:
    ticket, review = asked(office)
    outcome = office.sign(otto, review)
    now = standing(office, ticket)
    assert (now.state, outcome.task_id, outcome.promotion_id) == (S.QUEUED, now.task_id, None)
    assert (outcome.review.state, outcome.missing) == (ReviewState.CONSUMED, {})
    assert len(office.events("ticket:approved")) == 1
    assert office.events("promotion:authorised") == []


def test_what_is_dear_needs_two(office: Office, otto: Principal, anna: Principal) -> None:
    ticket, review = asked(office, "50")
    first = office.sign(anna, review)
    assert (standing(office, ticket).state, dict(first.missing)) == (
        S.AWAITING_APPROVAL, {Role.OPERATOR: 1},
    )  # fmt: skip
    office.sign(otto, review)
    assert standing(office, ticket).state is S.QUEUED


def test_what_has_no_price_needs_the_strictest(office: Office, otto: Principal) -> None:
    ticket, review = asked(office, None)
    office.sign(otto, review)
    assert standing(office, ticket).state is S.AWAITING_APPROVAL


def test_who_asked_does_not_allow(office: Office) -> None:
    both = office.hire("Bo Both", Role.OPERATOR, Role.OWNER)
    ticket = office.services.tickets.open(both, form("theirs"))
    ticket = quoted(office, ticket)
    with pytest.raises(SeparationOfDutiesViolated):
        office.sign(both, review_of(office, ticket))


def test_a_role_that_is_not_asked_for_signs_nothing(office: Office, anna: Principal) -> None:
    _, review = asked(office)
    with pytest.raises(NotPermitted):
        office.sign(anna, review)


@pytest.mark.parametrize(
    ("decision", "ticket_state", "review_state"),
    [
        (Decision.REJECT, S.REFUSED, ReviewState.REJECTED),
        (Decision.REQUEST_CHANGES, S.DRAFT, ReviewState.CHANGES_REQUESTED),
    ],
)
def test_other_decisions_end_it_or_send_it_back(
    office: Office, otto: Principal, decision: Decision, ticket_state: TicketState,
    review_state: ReviewState,
) -> None:  # fmt: skip
    ticket, review = asked(office)
    office.sign(otto, review, decision)
    now = standing(office, ticket)
    assert (now.state, review_of(office, ticket).state) == (ticket_state, review_state)
    assert "it suffices" in now.state_reason, "the reviewer's words stand on the ticket"


def test_a_ticket_sent_back_opens_the_next_round(office: Office, otto: Principal) -> None:
    ticket, first = asked(office)
    office.sign(otto, first, Decision.REQUEST_CHANGES)
    office.services.tickets.revise(
        office.olga, ticket.ticket_id, "Fewer trees now.", parameters={"trees": "20"}
    )
    second = review_of(office, quoted(office, ticket))
    assert (second.review_id != first.review_id, second.round) == (True, 2)
    office.sign(otto, second)
    assert standing(office, ticket).state is S.QUEUED


def test_a_changed_policy_voids_what_was_shown(office: Office, otto: Principal) -> None:
    ticket, review = asked(office)
    shown = office.shown(review)
    train_on(office, days=9)
    with pytest.raises(BasisMoved, match="policy was changed"):
        office.sign(otto, review, digest=shown)
    assert standing(office, ticket).state is S.AWAITING_APPROVAL


def test_a_signature_given_before_a_change_counts_no_more(
    office: Office, otto: Principal, anna: Principal
) -> None:
    ticket, review = asked(office, "50")
    office.sign(anna, review)
    train_on(office, days=9)
    outcome = office.sign(otto, review)
    assert dict(outcome.missing) == {Role.APPROVER: 1}
    assert standing(office, ticket).state is S.AWAITING_APPROVAL


def test_a_review_that_nobody_decides_refuses_its_ticket(office: Office) -> None:
    ticket, review = asked(office)
    office.services.clock.advance(400 * 86400)
    assert office.services.reviews.expire() == 1
    assert review_of(office, ticket).state is ReviewState.EXPIRED
    now = standing(office, ticket)
    assert (now.state, "Nobody decided" in now.state_reason) == (S.REFUSED, True)
    assert review.due_at < office.services.clock.now()


def test_calling_a_ticket_off_closes_its_review(office: Office, otto: Principal) -> None:
    ticket, review = asked(office)
    office.services.tickets.cancel(office.ada, ticket.ticket_id, "Nobody needs it now.")
    assert review_of(office, ticket).state is ReviewState.WITHDRAWN
    with pytest.raises(Conflict, match="withdrawn"):
        office.sign(otto, review)


def test_a_signature_taken_back_keeps_the_training_from_beginning(
    office: Office, otto: Principal
) -> None:
    ticket, review = asked(office)
    given = office.sign(otto, review).signature
    proof = office.services.sessions.reauthenticate(otto, PASSWORD)
    office.services.reviews.revoke(otto, proof, given.signature_id, "I looked at the wrong data.")
    now = standing(office, ticket)
    assert (now.state, "taken back" in now.state_reason) == (S.CANCELLED, True)


def test_withdrawing_the_request_calls_the_ticket_off(office: Office) -> None:
    ticket, review = asked(office)
    office.services.reviews.withdraw(office.olga, review.review_id)
    assert standing(office, ticket).state is S.CANCELLED
    assert review_of(office, ticket).state is ReviewState.WITHDRAWN


def test_a_training_says_nothing_of_the_version_it_starts_from(
    office: Office, otto: Principal
) -> None:
    ticket, review = asked(office)
    office.sign(otto, review)
    with office.services.store.reading() as session:
        approved = office.services.reviews.approved(session, office.ref(2), ticket.alias)
        waits = office.services.reviews.inbox(session, otto)
    assert (approved, waits) == (False, [])
