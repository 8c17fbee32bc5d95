"""Retraining as people meet it: a ticket is asked for, quoted, allowed, stopped; a recipe is published."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from console.views import attempts, grounds, names
from console.views import ticket as view
from services.decisions.retraining.types import Ticket, TicketState
from services.kernel.identity import SYSTEM, Role, Tier
from services.kernel.money import Money
from services.people.account.types import Principal
from services.standards.budget.types import BudgetForm, Scope, Span
from services.workflows.retraining import repository
from services.workflows.retraining.seen import Seen
from tests.support.app import opened, words
from tests.support.console_services import NAME, govern, person
from tests.support.tickets import DATA, form, quote


@pytest.fixture
def owner(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER)
    govern(services, made, Tier.MEDIUM)
    return made


@pytest.fixture
def ticket(services: Any, owner: Principal) -> Ticket:
    made: Ticket = services.tickets.open(owner, form())
    return made


def quoted(services: Any, ticket: Ticket) -> Ticket:
    with services.store.unit(SYSTEM) as unit:
        made: Ticket = services.tickets.quoted(unit, ticket.ticket_id, DATA, quote())
    return made


def standing(services: Any) -> list[Ticket]:
    with services.store.reading() as session:
        return list(services.tickets.list(session))


def field(at: AppTest, label: str) -> Any:
    return next(
        each for each in [*at.text_input, *at.text_area, *at.selectbox] if each.label == label
    )


def press(at: AppTest, label: str) -> AppTest:
    next(each for each in at.button if each.label == label).click()
    return at.run()


def test_without_a_ticket_the_page_says_what_one_is(services: Any, owner: Principal) -> None:
    said = words(opened(services, owner, "tickets"))
    assert "No open ticket" in said
    assert "people approve it before it costs anything" in said


def test_a_ticket_is_asked_for_once_and_leads_to_its_page(services: Any, owner: Principal) -> None:
    at = opened(services, owner, "tickets", open="1")
    field(at, "Reason").set_value("The winter changed what loans look like.")
    at = press(at, "Ask for a quote")
    assert not at.exception
    (made,) = standing(services)
    assert made.state is TicketState.DRAFT
    assert made.rationale == "The winter changed what loans look like."
    said = words(opened(services, owner, "tickets"))
    assert "Being quoted" in said
    assert "not quoted yet" in said


def test_a_reason_that_says_nothing_is_refused_and_kept(services: Any, owner: Principal) -> None:
    at = opened(services, owner, "tickets", open="1")
    field(at, "Reason").set_value("ok")
    at = press(at, "Ask for a quote")
    assert "Please correct this" in words(at)
    assert standing(services) == []


def test_the_page_of_a_ticket_says_price_and_whose_approval_is_missing(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    said = words(opened(services, owner, "tickets", id=ticket.ticket_id))
    assert "Not quoted" in said
    assert "nothing has cost anything yet" in said
    held = quoted(services, ticket)
    said = words(opened(services, owner, "tickets", id=ticket.ticket_id))
    assert "Waits for approval" in said
    assert "12.50 USD" in said
    assert "1,200 of 14 columns" in said
    assert "1 validator" in said
    assert held.review_id


def test_who_may_not_see_the_model_sees_no_ticket_of_it(services: Any, ticket: Ticket) -> None:
    stranger = person(services, "Sam Stranger")
    at = opened(services, stranger, "tickets", id=ticket.ticket_id)
    assert "Not permitted" in words(at)
    assert "12.50" not in words(at)


def test_a_ticket_is_called_off_with_a_reason(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    quoted(services, ticket)
    at = opened(services, owner, "tickets", id=ticket.ticket_id)
    field(at, "Reason").set_value("The data was cut wrongly; it will be asked for again.")
    press(at, "Cancel ticket")
    (held,) = standing(services)
    assert held.state is TicketState.CANCELLED
    said = words(opened(services, owner, "tickets", id=ticket.ticket_id))
    assert "The champion is unchanged" in said


def test_a_training_is_seen_with_its_figures_its_log_and_no_gpu_that_spoke_of_none(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    with services.store.unit(SYSTEM) as unit:
        quoted_ticket = services.tickets.quoted(unit, ticket.ticket_id, DATA, quote())
        services.tickets.approve(unit, quoted_ticket.ticket_id)
    fence = services.fences.take(ticket.ticket_id, "worker-1")
    with services.store.unit(SYSTEM) as unit:
        services.tickets.begin(unit, fence)
        attempt = services.tickets.intend(unit, fence, "local")
        services.tickets.submitted(unit, fence, attempt.attempt_id, '{"engine": "local"}')
        services.tickets.started(unit, fence, attempt.attempt_id, unit.now)
    now = services.clock.now()
    with services.store.operational() as session:
        repository.write_log(session, attempt.attempt_id, 0, b"hello from the script\n", now)
        repository.write_seen(
            session,
            Seen(
                attempt.attempt_id, ticket.ticket_id, now - timedelta(seconds=5), log_end=22,
                step=3, metrics={"loss": 0.25}, device="cpu", usage={"cpu_seconds": 41.0},
                warning="It printed nothing for a minute.",
            ),
        )  # fmt: skip
    at = opened(services, owner, "tickets", id=ticket.ticket_id)
    said = words(at)
    assert "Attempt 1 trains on local" in said
    assert "0.250" in said
    assert "It printed nothing for a minute." in said
    assert "GPUs of this attempt" not in said
    assert "not reckoned yet" in said
    assert any("hello from the script" in each.value for each in at.code)


def test_the_tab_of_a_model_shows_its_recipe_and_offers_a_ticket(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    at = opened(services, owner, "model", name=NAME, version="2", tab="Retraining")
    said = words(at)
    assert "loans v3" in said
    assert "python train.py" in said
    assert "Being quoted" in said
    assert "Publish recipe" in {each.label for each in at.button}


def test_a_model_without_a_recipe_is_ticketed_to_draft_one(services: Any, owner: Principal) -> None:
    services.recipes.recipe = None
    at = opened(services, owner, "model", name=NAME, version="2", tab="Retraining")
    assert "what it does not say" in words(at)
    at = opened(services, owner, "tickets", open="1")
    assert f"{NAME} (to draft its recipe)" in field(at, "Model").options
    field(at, "Reason").set_value("It should be trained anew every winter.")
    press(at, "Ask for a quote")
    (made,) = standing(services)
    at = opened(services, owner, "tickets", id=made.ticket_id)
    said = words(at)
    assert "The recipe that is missing" in said
    assert any("Name the holdout" in each.value for each in at.markdown)
    assert any(f"recipe: {NAME}" in each.value for each in at.code)
    assert "Not quoted" not in said


def sent_back(services: Any, ticket: Ticket) -> Ticket:
    quoted(services, ticket)
    with services.store.unit(SYSTEM) as unit:
        words_of = "Train on more rounds, or say why a hundred suffice."
        made: Ticket = services.tickets.send_back(unit, ticket.ticket_id, words_of)
    return made


def test_a_ticket_that_was_sent_back_is_revised_and_quoted_again(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    sent_back(services, ticket)
    assert "Sent back" in words(opened(services, owner, "tickets"))
    at = opened(services, owner, "tickets", id=ticket.ticket_id)
    said = words(at)
    assert "Train on more rounds" in said
    assert "it is quoted again when it was revised" in said
    field(at, "rate").set_value("0.5")
    field(at, "What was changed").set_value("It learns faster now, as was asked.")
    press(at, "Ask for a new quote")
    (held,) = standing(services)
    assert held.parameters["rate"] == 0.5
    assert (held.round, held.state_reason) == (2, "")
    assert "Being quoted" in words(opened(services, owner, "tickets", id=ticket.ticket_id))


def test_what_is_no_value_of_a_parameter_revises_nothing(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    sent_back(services, ticket)
    at = opened(services, owner, "tickets", id=ticket.ticket_id)
    field(at, "rate").set_value("fast")
    field(at, "What was changed").set_value("It learns faster now, as was asked.")
    at = press(at, "Ask for a new quote")
    assert "is a finite number" in words(at)
    (held,) = standing(services)
    assert held.was_returned


def test_what_was_refused_for_its_price_shows_the_price(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    with services.store.unit(SYSTEM) as unit:
        why = "The worst case of 12.50 USD is above the 5 USD that one ticket may cost."
        services.tickets.refused(unit, ticket.ticket_id, why, DATA, quote())
    said = words(opened(services, owner, "tickets", id=ticket.ticket_id))
    assert "The champion is unchanged. The worst case" in said
    assert "Not quoted" not in said
    assert "at most 12.50 USD" in said or "**12.50 USD**" in said


def test_what_ended_before_its_price_says_that_it_cost_nothing(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    services.tickets.cancel(owner, ticket.ticket_id, "It was opened for the wrong model.")
    said = words(opened(services, owner, "tickets", id=ticket.ticket_id))
    assert "It ended before it was priced; it has cost nothing." in said


def test_what_is_left_of_the_budget_stands_beside_the_price(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    held = replace(quote(), month=Money.parse("200", "USD"), left=Money.parse("188.5", "USD"))
    with services.store.unit(SYSTEM) as unit:
        services.tickets.quoted(unit, ticket.ticket_id, DATA, held)
    said = words(opened(services, owner, "tickets", id=ticket.ticket_id))
    assert "188.50 USD" in said
    assert "of 200.00 USD a month" in said


def test_what_is_left_of_the_budgets_that_hold_it_stands_there_too(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    held = BudgetForm(Scope.MODEL, NAME, Span.MONTH, Money("USD", 20_000_000), owner.person_id)
    told = replace(held, scope=Scope.TICKET, name=ticket.ticket_id, span=Span.YEAR, stops=False)
    for each in (held, told):
        services.budgets.set_as(SYSTEM, each)
    with services.store.reading() as session:
        lines = dict(grounds.budgets(services, session, ticket, names.load(services, session)))
    assert lines == {
        f"Budget of model {NAME}": "20.00 USD left of 20.00 USD a month",
        "Budget of this ticket": "20.00 USD left of 20.00 USD a year; it only tells",
    }
    assert "20.00 USD left of" in words(opened(services, owner, "tickets", id=ticket.ticket_id))


def test_a_page_that_is_open_notices_that_the_ticket_moved_on(
    services: Any, owner: Principal, ticket: Ticket
) -> None:
    def mark() -> str:
        return attempts.live(services, owner, ticket.ticket_id).mark

    assert mark() == view.load(services, owner, ticket.ticket_id).mark
    seen = [mark()]
    with services.store.unit(SYSTEM) as unit:
        services.tickets.quoted(unit, ticket.ticket_id, DATA, quote())
    seen.append(mark())
    with services.store.unit(SYSTEM) as unit:
        services.tickets.approve(unit, ticket.ticket_id)
    fence = services.fences.take(ticket.ticket_id, "worker-1")
    with services.store.unit(SYSTEM) as unit:
        services.tickets.begin(unit, fence)
    seen.append(mark())
    with services.store.unit(SYSTEM) as unit:
        services.tickets.intend(unit, fence, "local")
    seen.append(mark())
    assert len(set(seen)) == len(seen)
