"""A ticket from its opening to a registered version, in one process: real engine, real MLflow."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from console.views.attempts import resumed
from services.decisions.retraining.types import AttemptState, Ticket, TicketState
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.error import SourceUnavailable
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.standards.budget.types import BudgetForm, Scope, Span
from services.workflows.engine.types import AttemptSpec, Engine, EngineState, Handle, Status
from services.workflows.retraining import repository
from services.workflows.retraining.guarding import Cap
from services.workflows.retraining.ports import JOB_TAG, WARM_TAG, Costs, Rules
from tests.support.forge import Forge, open_forge, saved_model

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("forge")]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_model(tmp_path_factory.mktemp("saved") / "model")


@pytest.fixture
def forge(tmp_path: Path, mlflow_url: str) -> Iterator[Forge]:
    made = open_forge(tmp_path / "home", mlflow_url)
    made.policy()
    yield made
    made.close()


def test_a_ticket_is_quoted_trained_compared_and_registered_once(forge: Forge, saved: Path) -> None:
    forge.model("late-one", saved)
    forge.recipe("late-one", saved)
    ticket = forge.ticket("late-one")
    assert ticket.state is TicketState.QUEUED
    assert ticket.quote is not None
    assert ticket.quote.worst is not None
    done = forge.carry_out(ticket)
    assert done.state is TicketState.REGISTERED, done.state_reason
    assert done.result_version == 2
    (attempt,) = forge.attempts(done)
    assert attempt.state is AttemptState.SUCCEEDED
    assert b"::countersign::" in forge.services.archive.get(attempt.log_sha256)
    tagged = forge.tracking.versions_tagged("late-one", JOB_TAG, done.ticket_id)
    assert [each.version for each in tagged] == [2]
    (run,) = forge.tracking.runs([done.run_id])
    assert run.status == "FINISHED"
    assert run.metrics["loss"] == pytest.approx(1 / 3)
    assert forge.services.tasks.get(done.task_id).state.value == "succeeded"
    with forge.services.store.reading() as session:
        lines = forge.services.ledger.of_ticket(session, done.ticket_id)
        seen = repository.seen(session, attempt.attempt_id)
        filed = forge.services.evidence.by_id(session, done.report_evidence_id)
    assert {line.entry.use.sku for line in lines} == {"cpu", "memory"}
    assert seen is not None
    assert seen.step == 3
    assert filed.subject.version == 2
    assert forge.tracking.alias("late-one", "champion") == 1


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, mlflow_url: str, saved: Path
) -> Iterator[Forge]:
    """One workspace for the many ways in which a training can end."""
    made = open_forge(tmp_path_factory.mktemp("shared") / "home", mlflow_url)
    made.policy()
    yield made
    made.close()


def ended(forge: Forge, saved: Path, model: str, **recipe: Any) -> Ticket:
    """Carry out one ticket of a new model; its champion must stay as it was."""
    forge.model(model, saved)
    forge.recipe(model, saved, **recipe)
    done = forge.carry_out(forge.ticket(model))
    assert forge.tracking.alias(model, "champion") == 1
    experiment = forge.tracking.experiment(model)
    runs = forge.tracking.runs_tagged(experiment, JOB_TAG, done.ticket_id)
    assert [run.run_id for run in runs] == [done.run_id]
    assert runs[0].status != "RUNNING"
    assert not forge.parts.folder(done.ticket_id).exists()
    return done


def test_a_diverging_run_stops_itself_with_the_reason(shared: Forge, saved: Path) -> None:
    done = ended(shared, saved, "late-nan", steps=400, losses="nan")
    assert done.state is TicketState.STOPPED_DIVERGED
    assert "no number" in done.state_reason
    assert done.state_reason.endswith("the champion stays as it is.")
    (attempt,) = shared.attempts(done)
    assert attempt.state is AttemptState.CANCELLED
    assert attempt.exit_code == 143


def test_a_plateau_stops_where_the_recipe_is_out_of_patience(shared: Forge, saved: Path) -> None:
    guards = "guards: {metric: loss, patience: 4}"
    done = ended(shared, saved, "late-flat", steps=400, losses="flat", more=guards)
    assert done.state is TicketState.STOPPED_DIVERGED
    assert "has not improved on 0.5" in done.state_reason


def test_worse_than_the_baseline_stops(shared: Forge, saved: Path) -> None:
    guards = "guards: {metric: loss, baseline: 0.1, after: 2}"
    done = ended(shared, saved, "late-worse", steps=400, losses="flat", more=guards)
    assert done.state is TicketState.STOPPED_DIVERGED
    assert "worse than the baseline of 0.1" in done.state_reason


def test_a_silent_run_stops(shared: Forge, saved: Path) -> None:
    guards = "guards: {silent_seconds: 1}"
    done = ended(shared, saved, "late-silent", steps=400, losses="silent", more=guards)
    assert done.state is TicketState.STOPPED_DIVERGED
    assert "printed nothing for 1 seconds" in done.state_reason


def test_a_budget_stops_what_runs_over_by_the_grace_at_most(shared: Forge, saved: Path) -> None:
    cap, per_hour = Money.parse("0.01", "USD"), Money.parse("36", "USD")  # a cent a second
    rules = Rules(caps=(Cap("this ticket", cap, Money.none("USD")),))
    parts = replace(
        shared.parts, rules=lambda session, ticket: rules, costs=Dear(shared.parts.costs, per_hour)
    )
    done = ended(replace(shared, parts=parts), saved, "late-dear", steps=400)
    assert done.state is TicketState.STOPPED_BUDGET
    assert "0.01 USD, is used up" in done.state_reason
    (attempt,) = shared.attempts(done)
    assert attempt.started_at is not None
    assert attempt.finished_at is not None
    assert (attempt.finished_at - attempt.started_at).total_seconds() < 1.0 + 10.0


def test_the_time_limit_of_an_attempt_ends_the_ticket(shared: Forge, saved: Path) -> None:
    done = ended(shared, saved, "late-long", steps=400, seconds=1)
    assert done.state is TicketState.FAILED
    assert "ran to its time limit" in done.state_reason


def test_a_crash_is_tried_again_from_the_checkpoint(shared: Forge, saved: Path) -> None:
    done = ended(shared, saved, "late-crash", steps=5, fail_at=3)
    assert done.state is TicketState.REGISTERED, done.state_reason
    first, second = shared.attempts(done)
    assert (first.state, first.exit_code) == (AttemptState.FAILED, 3)
    assert second.state is AttemptState.SUCCEEDED
    assert second.resumed_from == "step 3"


def test_a_crash_at_every_attempt_fails_the_ticket_and_says_so(shared: Forge, saved: Path) -> None:
    done = ended(shared, saved, "late-never", steps=5, fail_at=0, attempts=1)
    assert done.state is TicketState.FAILED
    assert "Attempt 1 of 1 failed" in done.state_reason
    with shared.services.store.reading() as session:
        lines = shared.services.ledger.of_ticket(session, done.ticket_id)
    assert len({line.entry.source_id for line in lines}) == len(lines) > 0


def test_no_better_is_an_outcome_and_brings_no_version(shared: Forge, saved: Path) -> None:
    done = ended(shared.comparing(better=False), saved, "late-equal")
    assert done.state is TicketState.NO_BETTER
    assert done.result_version is None
    assert shared.tracking.versions_tagged("late-equal", JOB_TAG, done.ticket_id) == []
    assert done.report_evidence_id


def test_what_cannot_be_compared_is_not_called_no_better(shared: Forge, saved: Path) -> None:
    done = ended(shared.comparing(better=None), saved, "late-unknown")
    assert done.state is TicketState.FAILED


def test_rows_that_changed_since_the_quote_stop_before_anything_runs(
    forge: Forge, saved: Path
) -> None:
    forge.model("late-rows", saved)
    forge.recipe("late-rows", saved)
    ticket = forge.ticket("late-rows")
    rows = forge.folder / "rows.parquet"
    pd.read_parquet(rows).iloc[:-1].to_parquet(rows)
    done = forge.carry_out(ticket)
    assert done.state is TicketState.FAILED
    assert "not those that were quoted" in done.state_reason
    assert forge.attempts(done) == []


def test_a_running_ticket_is_cancelled_within_two_seconds(shared: Forge, saved: Path) -> None:
    shared.model("late-cancel", saved)
    shared.recipe("late-cancel", saved, steps=400)
    ticket = shared.ticket("late-cancel")
    shared.services.tasks.start(ticket.task_id)
    done = threading.Thread(target=shared.carry_out, args=(ticket,))
    done.start()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        tries = shared.attempts(ticket)
        if tries and tries[-1].state is AttemptState.RUNNING:
            break
        time.sleep(0.1)
    asked_at = shared.services.clock.now()
    shared.services.tasks.request_cancel(ticket.task_id)
    done.join(timeout=60)
    (attempt,) = shared.attempts(ticket)
    assert attempt.finished_at is not None
    assert (attempt.finished_at - asked_at).total_seconds() < 4.0
    standing = shared.standing(ticket)
    assert standing.state is TicketState.CANCELLED
    assert shared.services.tasks.get(ticket.task_id).state.value == "cancelled"


def test_a_search_stops_itself_when_the_budget_of_its_model_is_used_up(
    shared: Forge, saved: Path
) -> None:
    limit, per_hour = Money.parse("0.001", "USD"), Money.parse("36", "USD")  # a cent a second
    form = BudgetForm(Scope.MODEL, "late-search", Span.MONTH, limit, "olga")
    budget = shared.services.budgets.set_as(SYSTEM, form)
    costs = Dear(shared.parts.costs, per_hour)
    done = ended(
        replace(shared, parts=replace(shared.parts, costs=costs)), saved, "late-search", steps=400
    )
    assert done.state is TicketState.STOPPED_BUDGET
    month = f"{shared.services.clock.now():%B %Y}"
    assert f"The budget of model late-search in {month}, 0.001 USD, is used up" in done.state_reason
    spend(shared, "late-search", limit)
    shared.services.budget_alerts.look()
    again = shared.ticket("late-search", "two")
    assert again.state is TicketState.REFUSED
    assert "is used up; raise it first" in again.state_reason
    shared.services.budgets.set_as(SYSTEM, replace(form, amount=Money.parse("9", "EUR")))
    unknown = shared.ticket("late-search", "three")
    assert unknown.state is TicketState.REFUSED
    assert "is in EUR; publish a rate to USD" in unknown.state_reason
    shared.services.budgets.set_as(SYSTEM, replace(form, stops=False))
    assert shared.ticket("late-search", "four").state is TicketState.QUEUED
    shared.services.budgets.end_as(SYSTEM, budget.budget_id)


def spend(forge: Forge, model: str, amount: Money) -> None:
    at = forge.services.clock.now()
    entry = Entry(
        f"csv:{model}", CostKind.SERVING, Use("cpu", "cpu-hour", Decimal(1)), amount, Bearer(model), at, at,
    )  # fmt: skip
    with forge.services.store.unit(SYSTEM) as unit:
        forge.services.ledger.add(unit, [entry])


class Dear:
    """What an hour costs, by decree; everything else as it is."""

    def __init__(self, costs: Costs, per_hour: Money) -> None:
        self._costs, self._per_hour = costs, per_hour
        self.quote, self.charge = costs.quote, costs.charge

    def per_hour(self, session: Any, ticket: Ticket, recipe: Any, *, spot: bool = False) -> Money:
        return self._per_hour


class Taken:
    """The engine of this machine as one with spot machines: whatever fails there was taken away."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.on_spot = engine, set[str]()
        self.name, self.find = engine.name, engine.find
        self.logs, self.cancel = engine.logs, engine.cancel
        self.capabilities = replace(engine.capabilities, has_spot=True)

    def submit(self, spec: AttemptSpec) -> Handle:
        if spec.resources.spot:
            self.on_spot.add(spec.attempt_id)
        return self._engine.submit(spec)

    def poll(self, handle: Handle) -> Status:
        found = self._engine.poll(handle)
        if handle.attempt_id in self.on_spot and found.state is EngineState.FAILED:
            return replace(found, state=EngineState.LOST, preempted=True)
        return found


def test_what_spot_took_away_goes_on_where_machines_stay_at_their_price(
    shared: Forge, saved: Path
) -> None:
    taken = Taken(shared.parts.engines("local"))
    forge = replace(shared, parts=replace(shared.parts, engines=lambda name: taken))
    shared.model("late-spot", saved)
    shared.recipe("late-spot", saved, steps=5, fail_at=3, attempts=1)
    with shared.services.store.reading() as session:
        published = shared.services.recipes.current(session, "late-spot")
    assert published is not None
    text = published.text
    spot = text.replace("seconds: 60", "seconds: 60, spot: true, on_demand_after: 1")
    shared.services.recipes.publish_as(SYSTEM, spot.replace("version: 1", "version: 2").encode())
    ticket = forge.ticket("late-spot")
    assert ticket.quote is not None
    assert ticket.quote.terms == "on spot, on demand after 1 interruption"
    done = forge.carry_out(ticket)
    assert done.state is TicketState.REGISTERED, done.state_reason
    first, second = forge.attempts(done)
    assert (first.preempted, first.spot, second.spot) == (True, True, False)
    assert taken.on_spot == {first.attempt_id}
    assert resumed([first, second], 1, []) == "step 3, after an interruption"
    with shared.services.store.reading() as session:
        lines = shared.services.ledger.of_ticket(session, done.ticket_id)
        prices = {each.price_id: each for each in shared.services.prices.all(session)}
    terms = {
        line.entry.source_id.split(":")[1]: prices[line.entry.price_id].market.term.value
        for line in lines
    }
    assert terms == {first.attempt_id: "spot", second.attempt_id: "on_demand"}


def test_a_recipe_that_goes_on_from_the_champion_is_given_its_files(
    shared: Forge, saved: Path
) -> None:
    done = ended(shared, saved, "late-warm", steps=1, more="warm_start: true")
    (attempt,) = shared.attempts(done)
    log = shared.services.archive.get(attempt.log_sha256)
    assert b"goes on from the champion's weights" in log
    tracking = shared.tracking
    (run,) = tracking.runs_tagged(tracking.experiment("late-warm"), JOB_TAG, done.ticket_id)
    assert run.tags[WARM_TAG].startswith("no: the script does not say")


class Deaf:
    """The engine of this machine, whose answer to an order never arrives."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.submitted = engine, threading.Event()
        self.name, self.find, self.poll = engine.name, engine.find, engine.poll
        self.logs, self.cancel, self.capabilities = engine.logs, engine.cancel, engine.capabilities

    def submit(self, spec: AttemptSpec) -> Handle:
        self._engine.submit(spec)
        self.submitted.set()
        raise SourceUnavailable("The answer never came.")


def test_what_runs_without_a_handle_is_found_and_stopped(shared: Forge, saved: Path) -> None:
    deaf = Deaf(shared.parts.engines("local"))
    forge = replace(shared, parts=replace(shared.parts, engines=lambda name: deaf))
    shared.model("late-deaf", saved)
    shared.recipe("late-deaf", saved, steps=400)
    ticket = forge.ticket("late-deaf")
    forge.carry_out(ticket, until=lambda _: deaf.submitted.is_set())
    (before,) = forge.attempts(ticket)
    assert (before.handle, before.state) == ("", AttemptState.PENDING)
    shared.services.tasks.request_cancel(ticket.task_id)
    done = forge.carry_out(ticket)
    assert done.state is TicketState.CANCELLED
    (attempt,) = forge.attempts(ticket)
    assert attempt.state is AttemptState.CANCELLED
    assert attempt.handle
    assert attempt.reason
