"""Tickets on each engine: opened once for one cause, moved under a fence, one version for one ticket."""

import threading
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from services.decisions.retraining.fence import Ending, Fence
from services.decisions.retraining.lease import Fences
from services.decisions.retraining.types import (
    AttemptState,
    Cause,
    Held,
    Ticket,
    TicketState,
    Trigger,
)
from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, InvalidInput, InvalidTransition, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.record.task.types import Task
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.policy.types import Policy
from tests.support.console_services import NAME
from tests.support.office import Office, open_office
from tests.support.tickets import form, opened, quoted, standing, train_on

S = TicketState
DAY = timedelta(days=1).total_seconds()


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    made = open_office(store, tmp_path, clock, prepare=lambda made: None)
    train_on(made, rows="[]")
    return made


@pytest.fixture
def fences(office: Office) -> Fences:
    return Fences(office.services.store)


def drift(about: str) -> Cause:
    return Cause(Trigger.DRIFT, f"drift:{NAME}:{about}", "The income drifted.", (about,))


def unit(office: Office) -> AbstractContextManager[UnitOfWork]:
    opened_now: AbstractContextManager[UnitOfWork] = office.services.store.unit(SYSTEM)
    return opened_now


def asked(office: Office, ticket: Ticket) -> list[Task]:
    """Return what the worker was asked about a ticket, the last first."""
    with office.services.store.reading() as session:
        found: list[Task] = office.services.tasks.of_subject(session, "ticket", ticket.ticket_id)
    return found


def taken(fences: Fences, ticket: Ticket, owner: str = "w1") -> Fence:
    found = fences.take(ticket.ticket_id, owner)
    assert found is not None
    return found


def running(office: Office, fences: Fences, key: str = "one") -> tuple[Ticket, Fence]:
    """Return a ticket that trains, and the fence of who drives it."""
    ticket = quoted(office, opened(office, key))
    fence = taken(fences, ticket)
    with unit(office) as one:
        office.services.tickets.begin(one, fence)
    with unit(office) as one:
        office.services.tickets.ran_as(one, fence, "mlflow-run")
    return standing(office, ticket), fence


def attempted(office: Office, fence: Fence, spent: Money | None = None) -> str:
    """Let one attempt run and end well; return its id."""
    tickets = office.services.tickets
    with unit(office) as one:
        attempt = tickets.intend(one, fence, "local")
    with unit(office) as one:
        tickets.submitted(one, fence, attempt.attempt_id, "folder-1")
    with unit(office) as one:
        tickets.started(one, fence, attempt.attempt_id, None)
    with unit(office) as one:
        usage = {"wall_seconds": 40.0}
        ending = Ending(AttemptState.SUCCEEDED, exit_code=0, usage=usage, spent=spent)
        tickets.finished(one, fence, attempt.attempt_id, ending)
    return attempt.attempt_id


# opening


def test_the_same_key_opens_one(office: Office) -> None:
    first, second = opened(office), opened(office, recipe="loans")
    assert first == second == standing(office, first)
    assert (first.recipe, first.recipe_version, first.engine) == ("loans", 3, "local")
    assert first.base == office.ref(2)
    (said,) = office.events("ticket:opened")
    assert "winter" not in str(said.payload)
    assert [each.kind for each in asked(office, first)] == ["ticket_quote"]


def test_ten_alarms_at_once_make_one_ticket(office: Office) -> None:
    found: list[Ticket | Held] = []
    alarms = [
        threading.Thread(
            target=lambda n=n: found.append(office.services.tickets.open_as(NAME, drift(f"a{n}")))
        )
        for n in range(10)
    ]
    for each in alarms:
        each.start()
    for each in alarms:
        each.join()
    made = [each for each in found if isinstance(each, Ticket)]
    assert (len(made), len(office.events("ticket:opened"))) == (1, 1)
    with office.services.store.reading() as session:
        held = office.services.tickets.held_back(session, NAME)
    assert len(held) == 9
    assert all("is open for this model" in each.reason for each in held)


def test_one_cause_never_trains_twice(office: Office) -> None:
    first = office.services.tickets.open_as(NAME, drift("a"))
    with unit(office) as one:
        office.services.tickets.refused(one, first.ticket_id, "The data is too old.")
    office.services.clock.advance(400 * DAY)
    again = office.services.tickets.open_as(NAME, drift("a"))
    assert (again.ticket_id, again.state) == (first.ticket_id, S.REFUSED)


def test_a_trigger_waits_for_the_cooldown_and_says_so(office: Office) -> None:
    first = office.services.tickets.open_as(NAME, drift("a"))
    with unit(office) as one:
        office.services.tickets.refused(one, first.ticket_id, "The data is too old.")
    office.services.tickets.open_as(NAME, drift("b"))
    held = office.services.tickets.open_as(NAME, drift("b"))
    assert isinstance(held, Held)
    assert ("7 days" in held.reason, held.times) == (True, 2)
    office.services.clock.advance(7 * DAY)
    assert isinstance(office.services.tickets.open_as(NAME, drift("b")), Ticket)


def test_a_week_holds_no_more_tickets_than_the_policy_says(office: Office) -> None:
    train_on(office, days=0, most=2, rows="[]")
    for n in range(2):
        made = office.services.tickets.open_as(NAME, drift(f"a{n}"))
        with unit(office) as one:
            office.services.tickets.refused(one, made.ticket_id, "The data is too old.")
        office.services.clock.advance(DAY)
    held = office.services.tickets.open_as(NAME, drift("a2"))
    assert isinstance(held, Held)
    assert "2 tickets in seven days" in held.reason
    assert isinstance(opened(office), Ticket), "a person may at any time"


def test_a_trigger_that_the_policy_does_not_name_opens_nothing(
    store: Store, tmp_path: Path, clock: FixedClock
) -> None:
    office = open_office(store, tmp_path, clock, prepare=lambda made: None)
    train_on(office, rows="[]")
    text = office.services.archive.get(_policy(office).sha256).decode()
    text = text.replace("on: [drift, performance,", "on: [{drift: {ticket: no}},")
    version = _policy(office).version
    text = text.replace(f"version: {version}", f"version: {version + 1}")
    office.services.policies.publish(SYSTEM, text.encode())
    only_noted = office.services.tickets.open_as(NAME, drift("a"))
    slower = Cause(Trigger.PERFORMANCE, f"performance:{NAME}:a", "Accuracy fell.")
    nothing = office.services.tickets.open_as(NAME, slower)
    assert isinstance(only_noted, Held)
    assert isinstance(nothing, Held)
    assert "only notes drift" in only_noted.reason
    assert "does not let worse performance" in nothing.reason


def _policy(office: Office) -> Policy:
    with office.services.store.reading() as session:
        found: Policy = office.services.gate.policy(session, NAME, "champion")
    return found


@pytest.mark.parametrize("role", sorted(Role))
def test_the_roles_that_ask_for_trainings(office: Office, role: Role) -> None:
    who = office.hire("Pat Person", role)
    if role in {Role.CONTRIBUTOR, Role.OWNER, Role.OPERATOR}:
        office.services.tickets.open(who, form())
    else:
        with pytest.raises(NotPermitted):
            office.services.tickets.open(who, form())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tres": "5"}, "has no parameter 'tres'; it has kind, rate"),
        ({"trees": "many"}, "a whole number"),
        ({"rate": "nan"}, "a finite number"),
        ({"shuffle": "2"}, "true or false"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_in_words(
    office: Office, given: dict[str, str], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        opened(office, parameters=given)


def test_parameters_are_kept_as_the_recipe_has_them(office: Office) -> None:
    made = opened(office, parameters={"trees": "250", "shuffle": "false"})
    assert dict(standing(office, made).parameters) == {
        "trees": 250, "rate": 0.1, "shuffle": False, "kind": "hist",
    }  # fmt: skip


def test_a_trigger_of_the_console_cannot_be_feigned(office: Office) -> None:
    with pytest.raises(InvalidInput, match="by hand"):
        opened(office, trigger=Trigger.DRIFT)


# quoting


def test_what_needs_no_approval_is_queued_at_once(office: Office) -> None:
    ticket = quoted(office, opened(office))
    assert ticket.quote is not None
    assert (ticket.state, ticket.quote.worst) == (S.QUEUED, Money.parse("12.50", "USD"))
    assert standing(office, ticket) == ticket == quoted(office, ticket, "99")
    task, before = asked(office, ticket)
    assert (task.kind, task.task_id) == ("retraining", ticket.task_id)
    assert (task.payload["partition"], before.kind) == (NAME, "ticket_quote")


def test_a_dry_run_is_quoted_and_over(office: Office) -> None:
    ticket = quoted(office, opened(office, dry_run=True))
    assert (ticket.state, ticket.quote is not None) == (S.CANCELLED, True)
    assert "dry run" in ticket.state_reason


# driving


def test_only_who_drives_a_ticket_moves_it(office: Office, fences: Fences) -> None:
    ticket, fence = running(office, fences)
    assert fences.take(ticket.ticket_id, "w2") is None
    assert taken(fences, ticket) == fence
    office.services.clock.advance(31)
    assert not fences.renew(fence)
    second = taken(fences, ticket, "w2")
    assert (second.number, fences.renew(second)) == (fence.number + 1, True)
    with pytest.raises(Conflict, match="Another worker"), unit(office) as one:
        office.services.tickets.intend(one, fence, "local")
    with unit(office) as one:
        assert office.services.tickets.intend(one, second, "local").number == 1


def test_who_was_paused_and_comes_back_under_its_own_name_counts_up(
    office: Office, fences: Fences
) -> None:
    ticket, fence = running(office, fences)
    fences.drop(fence)
    assert taken(fences, ticket).number == fence.number + 1


def test_many_workers_take_a_ticket_and_one_has_it(office: Office, fences: Fences) -> None:
    ticket = quoted(office, opened(office))
    found: list[Fence | None] = []
    workers = [
        threading.Thread(target=lambda n=n: found.append(fences.take(ticket.ticket_id, f"w{n}")))
        for n in range(6)
    ]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert len([each for each in found if each is not None]) == 1


def test_a_training_from_the_queue_to_its_version(office: Office, fences: Fences) -> None:
    ticket, fence = running(office, fences)
    attempted(office, fence, Money.parse("1.25", "USD"))
    tickets = office.services.tickets
    with unit(office) as one:
        tickets.evaluating(one, fence)
    with unit(office) as one:
        tickets.registered(one, fence, 3, "evidence-1")
    with unit(office) as one:
        tickets.registered(one, fence, 3, "evidence-1")
    done = standing(office, ticket)
    assert (done.state, done.result_version, done.run_id) == (S.REGISTERED, 3, "mlflow-run")
    assert done.spent == Money.parse("1.25", "USD")
    assert len(office.events("challenger:registered")) == 1
    with pytest.raises(Conflict, match="version 3 already"), unit(office) as one:
        tickets.registered(one, fence, 4, "evidence-1")
    with office.services.store.reading() as session:
        assert tickets.of_version(session, NAME, 3, "mlflow-run") == done
        (past,) = tickets.history(session, NAME, "loans")
        assert [each.state for each in tickets.past(session, ticket.ticket_id)][-1] is S.REGISTERED
    assert (past.seconds, past.spent, past.rows) == (40.0, Money.parse("1.25", "USD"), 1200)


def test_each_move_made_twice_changes_nothing(office: Office, fences: Fences) -> None:
    ticket, fence = running(office, fences)
    tickets = office.services.tickets
    with unit(office) as one:
        assert tickets.begin(one, fence) == tickets.begin(one, fence)
        assert tickets.ran_as(one, fence, "another").run_id == "mlflow-run"
        first = tickets.intend(one, fence, "local")
        assert tickets.intend(one, fence, "local") == first
        tickets.submitted(one, fence, first.attempt_id, "x")
    size = len(office.events("job:submitted"))
    done = attempted(office, fence)
    assert done == first.attempt_id
    with unit(office) as one:
        again = tickets.finished(one, fence, done, Ending(AttemptState.FAILED, "late"))
        assert again.state is AttemptState.SUCCEEDED
        assert tickets.started(one, fence, done, None).state is AttemptState.SUCCEEDED
    assert (size, len(office.events("job:finished"))) == (1, 1)
    assert standing(office, ticket).spent is None, (
        "an attempt without a price leaves the sum unknown"
    )


def test_a_ticket_is_not_closed_while_something_of_it_may_run(
    office: Office, fences: Fences
) -> None:
    _, fence = running(office, fences)
    tickets = office.services.tickets
    with unit(office) as one:
        attempt = tickets.intend(one, fence, "local")
    for move in (
        lambda one: tickets.closed(one, fence, S.FAILED, "It crashed."),
        lambda one: tickets.evaluating(one, fence),
    ):
        with pytest.raises(Conflict, match="not over yet"), unit(office) as one:
            move(one)
    with unit(office) as one:
        tickets.finished(one, fence, attempt.attempt_id, Ending(AttemptState.LOST, "It is gone."))
    with unit(office) as one:
        closed = tickets.closed(one, fence, S.FAILED, "It crashed.")
    assert (closed.state, closed.closed_at is not None) == (S.FAILED, True)
    with unit(office) as one, pytest.raises(InvalidTransition):
        tickets.evaluating(one, fence)


@pytest.mark.parametrize("state", [S.STOPPED_BUDGET, S.STOPPED_DIVERGED, S.FAILED, S.CANCELLED])
def test_the_ways_a_training_ends_early(office: Office, fences: Fences, state: TicketState) -> None:
    ticket, fence = running(office, fences)
    with unit(office) as one:
        office.services.tickets.closed(one, fence, state, "It had to end.")
    assert standing(office, ticket).state is state
    with unit(office) as one, pytest.raises(InvalidInput, match="not closed as queued"):
        office.services.tickets.closed(one, fence, S.QUEUED, "Again.")


# calling off


def test_a_ticket_that_does_not_run_is_called_off_at_once(office: Office) -> None:
    ticket = quoted(office, opened(office))
    done = office.services.tickets.cancel(office.olga, ticket.ticket_id, "Nobody needs it now.")
    assert (done.state, done.state_reason) == (S.CANCELLED, "Nobody needs it now.")
    assert office.services.tasks.get(ticket.task_id).cancel_requested_at is not None
    with pytest.raises(InvalidTransition):
        office.services.tickets.cancel(office.olga, ticket.ticket_id, "Nobody needs it now.")


def test_a_ticket_that_runs_is_asked_to_stop(office: Office, fences: Fences) -> None:
    ticket, fence = running(office, fences)
    vic = office.hire("Vic Viewer", Role.VIEWER)
    with pytest.raises(NotPermitted):
        office.services.tickets.cancel(vic, ticket.ticket_id, "I do not like it.")
    asked = office.services.tickets.cancel(office.ada, ticket.ticket_id, "It runs too long.")
    assert (asked.state, asked.recalled_by) == (S.RUNNING, office.ada.person_id)
    assert office.services.tasks.get(ticket.task_id).cancel_requested_at is not None
    with pytest.raises(Conflict, match="already"):
        office.services.tickets.cancel(office.ada, ticket.ticket_id, "It runs too long.")
    with unit(office) as one:
        over = office.services.tickets.closed(one, fence, S.CANCELLED, "It was cancelled.")
    assert over.state_reason == "It runs too long.", "why it was called off is not lost"


# sending back


def test_a_ticket_that_is_sent_back_is_revised_and_quoted_anew(office: Office) -> None:
    train_on(office)
    ticket = quoted(office, opened(office))
    assert (ticket.state, dict(ticket.quorum)) == (S.AWAITING_APPROVAL, {"operator": 1})
    with unit(office) as one:
        back = office.services.tickets.send_back(one, ticket.ticket_id, "Use fewer trees.")
    assert (back.state, back.quote, back.round) == (S.DRAFT, None, 2)
    revised = office.services.tickets.revise(
        office.olga, ticket.ticket_id, "Fewer trees now.", parameters={"trees": "20"}
    )
    assert revised.parameters["trees"] == 20
    with pytest.raises(Conflict, match="not sent back"):
        office.services.tickets.revise(office.olga, ticket.ticket_id, "Even fewer trees.")
    assert [each.payload["round"] for each in asked(office, ticket)] == [2, 1]


@pytest.mark.parametrize(
    ("worst", "quorum"),
    [
        ("0", {"operator": 1}),
        ("49.999999", {"operator": 1}),
        ("50", {"operator": 1, "approver": 1}),
        (None, {"operator": 1, "approver": 1}),
    ],
)
def test_who_must_sign_goes_by_the_worst_case(
    office: Office, worst: str | None, quorum: dict[str, int]
) -> None:
    train_on(office)
    assert dict(quoted(office, opened(office), worst).quorum) == quorum
