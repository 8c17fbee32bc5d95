"""Runs of which nobody can say what they cost stand on the page, with why and what to do next."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from console.views.cost import uncharged
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.workflows.costing import repository
from services.workflows.costing.types import GONE, CostedRun, RunState
from tests.support.app import opened, words
from tests.support.console_services import NAME, govern, person


def noted(services: Any, run_id: str, state: RunState, said: str, model: str = NAME) -> None:
    began = services.clock.now() - timedelta(days=9)
    run = CostedRun(run_id, run_id, "7", run_id, state, True, began, None, "", model, said)
    with services.store.operational() as session:
        repository.keep(session, [run])


def used(services: Any, run_id: str, sku: str, unit: str, **more: Any) -> Entry:
    at = services.clock.now() - timedelta(hours=3)
    amount, corrects = more.get("amount"), more.get("corrects", "")
    bearer = Bearer(more.get("model", NAME), run_id=run_id)
    return Entry(
        f"run:{run_id}:{sku}{':c1' if corrects else ''}", CostKind.TRAINING, Use(sku, unit, Decimal(2)),
        amount, bearer, at, at + timedelta(hours=1), corrects=corrects,
    )  # fmt: skip


def test_each_says_why_and_what_to_do_next(services: Any) -> None:
    olga = person(services, "Olga Owner", Role.OWNER, Role.OPERATOR)
    govern(services, olga)
    assert "Without a cost" not in words(opened(services, olga, "cost", tab="Runs"))
    noted(
        services, "endless", RunState.OVERDUE, "has not ended since 2026-03-05; it is not charged"
    )
    noted(services, "gone", RunState.OVERDUE, GONE)
    noted(services, "skewed", RunState.SKEWED, "ended before it began; is a clock wrong?", "")
    noted(services, "silent", RunState.CHARGED, "says nothing of what it ran on")
    noted(services, "odd", RunState.CHARGED, "cannot be read: countersign.gpus")
    noted(services, "fine", RunState.CHARGED, "")
    entries = [
        used(services, "silent", "undeclared", "run-hour"), used(services, "odd", "cpu", "cpu-hour"),
        used(services, "pricey", "gpu:h100", "gpu-hour"), used(services, "fine", "gpu:t4", "gpu-hour"),
        used(services, "skewed", "undeclared", "run-hour", model=""),
        used(services, "fine", "gpu:t4", "gpu-hour", amount=Money("USD", 5), corrects="run:fine:gpu:t4"),
        used(services, "secret", "gpu:a100", "gpu-hour", model="secret"),
    ]  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        services.ledger.add(unit, entries)
    rows = {row.name: row for row in uncharged.load(services, olga, {}).rows}
    assert set(rows) == {"endless", "gone", "skewed", "silent", "odd", "pricey", "secret"}
    assert "has not ended since 2026-03-05" in rows["endless"].reason
    assert "set_terminated" in rows["endless"].step
    assert (rows["gone"].word, rows["skewed"].word) == ("Deleted", "Clock is wrong")
    assert "countersign.instance_type" in rows["silent"].step
    assert rows["odd"].reason == "A tag of it cannot be read: countersign.gpus."
    assert rows["pricey"].reason == "Nobody published a price of gpu:h100 a gpu-hour."
    said = words(opened(services, olga, "cost", tab="Runs"))
    assert "and never zero" in said
    assert "Nobody published a price" in said
    assert "0.00" not in said


def test_nobody_sees_those_of_models_that_are_not_theirs(services: Any) -> None:
    olga = person(services, "Olga Owner", Role.OWNER)
    govern(services, olga)
    noted(services, "endless", RunState.OVERDUE, "has not ended; it is not charged", "secret")
    entries = [used(services, "a", "gpu:h100", "gpu-hour", model="secret"), used(services, "b", "gpu:h100", "gpu-hour")]  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        services.ledger.add(unit, entries)
    made = services.accounts.create(SYSTEM, "vera@example.org", "Vera", ("vera",), ())
    services.accounts.grant(SYSTEM, made.person_id, "viewer", ("model", NAME))
    with services.store.reading() as session:
        vera = services.accounts.principal(session, made.person_id, "s2", services.clock.now())
    assert {row.name for row in uncharged.load(services, vera, {}).rows} == {"b"}
