"""The page of a review that decides a training."""

from typing import Any

import pytest

from services.decisions.retraining.types import Ticket
from services.kernel.identity import SYSTEM, Role, Tier
from services.people.account.types import Principal
from tests.support.app import opened, words
from tests.support.console_services import govern, person
from tests.support.tickets import DATA, form, quote


@pytest.fixture
def owner(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER)
    govern(services, made, Tier.MEDIUM)
    return made


@pytest.fixture
def ticket(services: Any, owner: Principal) -> Ticket:
    asked = services.tickets.open(owner, form())
    with services.store.unit(SYSTEM) as unit:
        made: Ticket = services.tickets.quoted(unit, asked.ticket_id, DATA, quote())
    return made


def test_the_page_says_what_would_be_trained_and_at_which_price(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    at = opened(services, owner, "review", id=ticket.review_id)
    said = words(at)
    assert "Review of a training of mortgage-approval" in said
    assert "The winter changed what loans look like." in said
    assert "loans version 3" in said
    assert "1,200 rows of 14 columns" in said
    assert "12.50 USD" in said
    assert "nothing in production moves" in said
    assert "in MLflow, once" not in said
    assert "Regressions" not in said


def test_a_training_waits_in_the_inbox_of_who_may_sign_it(services: Any, ticket: Ticket) -> None:
    vera = person(services, "Vera Validator", Role.VALIDATOR)
    at = opened(services, vera, "reviews")
    assert "Train mortgage-approval anew" in words(at)
    assert ticket.quorum == {"operator": 1, "validator": 1}


def test_the_training_has_no_part_in_the_steps_of_a_version(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    at = opened(services, owner, "model", name="mortgage-approval", version="2")
    assert ticket.review_id
    assert "Request review" in {each.label for each in at.button}
