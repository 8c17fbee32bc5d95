"""Runs that go nowhere in a real MLflow: found, marked where they are not ours, told, never ended."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.facts.convergence.types import DoubtedRun, DoubtKind
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.facts.registry.tracking import MlflowTracking
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.record.trail.unit_of_work import Store
from services.standards.budget.types import BudgetForm, Scope, Span
from services.standards.channel.types import Destination, Kind
from services.workflows.costing.convergence import Doubting, Rooms, message
from services.workflows.retraining.ports import JOB_TAG
from tests.support.console_services import open_services

FLAT = [1.0, *[0.5] * 30]


class Only:
    """MLflow, of which the runs of one experiment are looked at: others test beside."""

    def __init__(self, url: str) -> None:
        self.tracking = MlflowTracking(url)
        self.name = f"doubts-{uuid.uuid4().hex[:8]}"
        self.experiment = self.tracking.experiment(self.name)
        self.history, self.log = self.tracking.history, self.tracking.log
        self.experiment_name = self.tracking.experiment_name

    def running(self) -> Iterator[Any]:
        return (r for r in self.tracking.running() if r.experiment_id == self.experiment)

    def begin(self, clock: FixedClock, values: list[float], **tags: str) -> str:
        told = {
            "mlflow.user": "ada",
            **{key.replace("__", "."): text for key, text in tags.items()},
        }
        run_id = self.tracking.begin_run(self.experiment, "night", clock.now(), told)
        metrics = [
            {"key": "val_loss", "value": value, "timestamp": 1_000 + step, "step": step}
            for step, value in enumerate(values)
        ]
        body = {"run_id": run_id, "metrics": metrics}
        sent = httpx.post(
            f"{self.tracking.url}/api/2.0/mlflow/runs/log-batch", json=body, timeout=20
        )
        assert sent.is_success, sent.text
        return run_id


@pytest.fixture
def mlflow(mlflow_url: str) -> Iterator[Only]:
    made = Only(mlflow_url)
    yield made
    made.tracking.close()


@pytest.fixture
def services(store: Store, tmp_path: Path, clock: FixedClock) -> Any:
    made = open_services(store, tmp_path, clock)
    for name in ("money", "ops"):
        secrets = {"url": "https://hooks.example.org/x", "signing_secret": "s" * 20}
        made.channels.set_as(SYSTEM, Destination(name, Kind.WEBHOOK, {}, secrets))
    return made


@pytest.fixture
def doubting(services: Any, mlflow: Only) -> Doubting:
    return Doubting(
        Rooms(
            services.store, services.convergence, services.spending, services.channels, mlflow,
            lambda session, run: run.tags.get("countersign.model", ""),
            lambda session, model, metric: 0.4 if model == "loan" else None,
            lambda session, model: "lending",
        )
    )  # fmt: skip


def seen(services: Any) -> dict[str, DoubtedRun]:
    with services.store.reading() as session:
        return {each.run_id: each for each in services.convergence.doubted(session)}


def told(services: Any) -> list[str]:
    return sorted(
        str(t.payload["channel"])
        for t in services.tasks.queued("batch")
        if t.kind == "notification"
    )


def marked(services: Any) -> list[Any]:
    with services.store.reading() as session:
        return list(services.trail.search(session, action="run:marked"))


def test_a_run_of_somebody_else_is_marked_once_told_and_goes_on(
    services: Any, mlflow: Only, doubting: Doubting, clock: FixedClock
) -> None:
    good = mlflow.begin(clock, [1.0, 0.5, 0.2])
    bad = mlflow.begin(clock, FLAT, countersign__model="loan")
    ours = mlflow.begin(clock, FLAT, **{JOB_TAG: "t1"})
    doubting.look()
    found = seen(services)
    assert set(found) == {bad, ours}
    assert [e.kind for e in found[bad].doubts] == [DoubtKind.PLATEAU, DoubtKind.WORSE]
    assert (found[bad].user, found[bad].experiment, found[bad].model) == (
        "ada",
        mlflow.name,
        "loan",
    )
    assert found[ours].is_ours
    assert found[ours].marked_at is None
    runs = {run.run_id: run for run in mlflow.tracking.runs([good, bad, ours])}
    assert runs[bad].tags["countersign.marked"] == "plateau,worse"
    assert "has not improved on 0.5" in runs[bad].tags["countersign.marked.why"]
    assert runs[bad].status == "RUNNING"
    assert not any("countersign.marked" in runs[each].tags for each in (good, ours))
    assert told(services) == ["money", "ops"]
    (event,) = marked(services)
    assert (event.subject_id, event.payload["doubts"]) == (bad, ["plateau", "worse"])
    assert "not ours" in message(found[bad]).text
    assert ("Begun by", "ada") in message(found[bad]).facts
    assert doubting.look() == []
    clock.advance(180)
    assert len(doubting.look()) == 2
    assert len(marked(services)) == 1
    mlflow.tracking.end_run(bad, "KILLED", clock.now())
    clock.advance(180)
    doubting.look()
    assert set(seen(services)) == {ours}


def test_a_run_in_an_experiment_without_money_is_told_to_the_channels_of_its_budget(
    services: Any, mlflow: Only, doubting: Doubting, clock: FixedClock
) -> None:
    run = mlflow.begin(clock, [1.0, 0.5])
    limit = Money("USD", 1_000)
    services.budgets.set_as(SYSTEM, BudgetForm(Scope.EXPERIMENT, mlflow.name, Span.MONTH, limit, "olga", channels=("money",)))  # fmt: skip
    doubting.look()
    assert seen(services) == {}
    at = clock.now()
    line = Entry("run:1", CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(1)), limit, Bearer(experiment=mlflow.name), at, at + timedelta(hours=1))  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        services.ledger.add(unit, [line])
    clock.advance(180)
    doubting.look()
    (found,) = seen(services)[run].doubts
    assert (found.kind, "is used up" in found.words) == (DoubtKind.OVER_BUDGET, True)
    assert told(services) == ["money"]
