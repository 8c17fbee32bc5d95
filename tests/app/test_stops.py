"""What runs now: our own training is stopped by who may, a run of somebody else by nobody."""

from datetime import timedelta
from typing import Any

from streamlit.testing.v1 import AppTest

from console.views import doubted
from services.decisions.retraining.types import TicketState
from services.facts.convergence.types import Doubt, DoubtedRun, DoubtKind
from services.kernel.identity import SYSTEM, Role, Tier
from services.workflows.retraining import repository
from services.workflows.retraining.seen import Seen
from tests.support.app import opened, words
from tests.support.console_services import NAME, govern, person
from tests.support.tickets import DATA, form, quote


def running(services: Any, owner: Any) -> str:
    """Return a ticket that trains, as the worker left it."""
    ticket = services.tickets.open(owner, form())
    with services.store.unit(SYSTEM) as unit:
        services.tickets.quoted(unit, ticket.ticket_id, DATA, quote())
        services.tickets.approve(unit, ticket.ticket_id)
    fence = services.fences.take(ticket.ticket_id, "worker-1")
    with services.store.unit(SYSTEM) as unit:
        services.tickets.begin(unit, fence)
        attempt = services.tickets.intend(unit, fence, "local")
        services.tickets.submitted(unit, fence, attempt.attempt_id, '{"engine": "local"}')
        services.tickets.started(unit, fence, attempt.attempt_id, unit.now)
    seen = Seen(attempt.attempt_id, ticket.ticket_id, services.clock.now(), spent_micros=1_230_000, currency="USD")  # fmt: skip
    with services.store.operational() as session:
        repository.write_seen(session, seen)
    return str(ticket.ticket_id)


def doubt(services: Any, run_id: str, ticket_id: str = "", model: str = NAME) -> None:
    now = services.clock.now()
    said = Doubt(DoubtKind.PLATEAU, f"{run_id} has not improved.")
    run = DoubtedRun(run_id, run_id, "ada", model, "night", ticket_id, now - timedelta(hours=1), (said,), now, now)  # fmt: skip
    with services.store.operational() as session:
        services.convergence.mark(session, run)


def press(at: AppTest, label: str) -> AppTest:
    next(b for b in at.button if b.label == label).click()
    return at.run()


def test_a_training_of_ours_is_stopped_and_a_run_of_somebody_else_is_shown(services: Any) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    govern(services, owner, Tier.MEDIUM)
    assert "Nothing runs" in words(opened(services, owner, "cost", tab="Runs"))
    ticket_id = running(services, owner)
    doubt(services, "ours", ticket_id)
    doubt(services, "theirs")
    at = opened(services, owner, "cost", tab="Runs")
    said = words(at)
    for each in ("1.23 USD", "ours has not improved.", "theirs has not improved. Marked in MLflow.", "nothing here can end it"):  # fmt: skip
        assert each in said
    press(at, "Stop training")
    assert "why it is called off" in words(at)
    next(each for each in at.text_input if each.label == "Reason").set_value("It goes nowhere.")
    press(at, "Stop training")
    with services.store.reading() as session:
        ticket = services.tickets.get(session, ticket_id)
    assert (ticket.state, ticket.recalled_by) == (TicketState.RUNNING, owner.person_id)


def test_who_may_stop_nothing_has_no_button(services: Any) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    govern(services, owner, Tier.MEDIUM)
    running(services, owner)
    seen = opened(services, person(services, "Vera Viewer", Role.VIEWER), "cost", tab="Runs")
    assert "1.23 USD" in words(seen)
    assert "Stop training" not in {b.label for b in seen.button}


def test_a_run_of_somebody_is_told_to_who_began_it_else_to_the_owner_of_its_model(
    services: Any,
) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    govern(services, owner, Tier.MEDIUM)
    doubt(services, "theirs")

    def told(who: Any) -> list[tuple[str, str]]:
        with services.store.reading() as session:
            return [(each.task, each.page) for each in doubted.load(services, session, who)]

    assert told(owner) == [("theirs: theirs has not improved.", "cost")]
    ada = person(services, "Ada Okafor", Role.CONTRIBUTOR)  # whom MLflow calls ada
    assert told(ada) == [("theirs: theirs has not improved.", "cost")]
    assert told(owner) == []
