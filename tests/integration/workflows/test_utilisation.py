"""The audit of GPUs over runs of a real MLflow, with the system metrics that it would have logged."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlmodel import Session

from services.facts.registry.tracking import MlflowTracking
from services.facts.registry.types import Run
from services.facts.utilisation.service import Utilisation
from services.facts.utilisation.types import Finding, RunUse, Source
from services.kernel.clock import FixedClock
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store
from services.workflows.costing.utilisation import Auditing, Rooms

BEGAN = datetime(2026, 3, 14, 7, tzinfo=UTC)
DAY = Period(BEGAN, BEGAN + timedelta(days=1))
IDLE, BUSY = 1.0, 88.0


def _model_of(session: Session, run: Run) -> str:
    del session
    return run.tags.get("countersign.model", "")


class Overheard(MlflowTracking):
    """A server that remembers of which runs somebody read the course."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.read: list[str] = []

    def history(self, run_id: str, key: str) -> list[tuple[float, float]]:
        self.read.append(run_id)
        return super().history(run_id, key)


class Bench:
    """Runs as somebody's training would have logged them."""

    def __init__(self, url: str) -> None:
        self.tracking = Overheard(url)
        self.experiment = self.tracking.experiment(f"gpus-{uuid.uuid4().hex[:8]}")

    def run(self, name: str, tags: dict[str, str] | None = None) -> str:
        told = {"mlflow.runName": name, **(tags or {})}
        return self.tracking.begin_run(self.experiment, name, BEGAN, told)

    def log(self, run_id: str, key: str, value: float, n: int, after: int = 0) -> None:
        """Log a metric as MLflow's own sampler does: a mean at the end of each ten seconds."""
        start = int(BEGAN.timestamp() * 1000)
        metrics = [
            {
                "key": key,
                "value": value,
                "timestamp": start + 10_000 * (i + 1),
                "step": i,
            }
            for i in range(after, after + n)
        ]
        sent = httpx.post(
            f"{self.tracking.url}/api/2.0/mlflow/runs/log-batch",
            json={"run_id": run_id, "metrics": metrics},
            timeout=20,
        )
        assert sent.is_success, sent.text


@pytest.fixture
def bench(mlflow_url: str) -> Iterator[Bench]:
    made = Bench(mlflow_url)
    yield made
    made.tracking.close()


class Audit:
    """The duty, and what it kept of the runs of one experiment."""

    def __init__(self, store: Store, bench: Bench) -> None:
        self._store, self._bench = store, bench
        self.kept = Utilisation(store)
        self.duty = Auditing(Rooms(store, self.kept, bench.tracking, _model_of))

    def look(self) -> dict[str, RunUse]:
        while self.duty.look():
            pass
        with self._store.reading() as session:
            found = self.kept.runs(session, DAY, limit=1000)
        mine = [each for each in found if each.facts.experiment_id == self._bench.experiment]
        return {each.facts.name: each for each in mine}


def test_an_idle_gpu_run_is_found(sqlite_store: Store, bench: Bench) -> None:
    idle = bench.run("idle", {"countersign.model": "loan", "countersign.gpu_type": "NVIDIA H100"})
    bench.log(idle, "system/gpu_0_utilization_percentage", IDLE, 360)
    bench.log(idle, "system/gpu_0_memory_usage_percentage", 4.0, 360)
    busy = bench.run("busy")
    bench.log(busy, "system/gpu_0_utilization_percentage", BUSY, 360)
    blind = bench.run("blind", {"countersign.gpus": "2"})
    for each in (idle, busy, blind):
        bench.tracking.end_run(each, "FINISHED", BEGAN + timedelta(hours=1))
    found = Audit(sqlite_store, bench).look()
    assert next(iter(found)) == "idle"
    assert found["idle"].facts.model == "loan"
    assert found["idle"].idle_hours == pytest.approx(1)
    assert set(found["idle"].findings) == {Finding.IDLE, Finding.OVER_SIZED}
    assert "gpu:t4" in found["idle"].smaller
    assert (found["busy"].findings, found["busy"].idle_hours) == ((), 0)
    assert (found["blind"].source, found["blind"].gpu_hours) == (Source.NOBODY, 2)
    assert found["blind"].idle_hours is None


def test_a_run_that_goes_on_is_looked_at_again_and_an_old_one_is_not(
    sqlite_store: Store, clock: FixedClock, bench: Bench
) -> None:
    run = bench.run("long")
    bench.log(run, "system/gpu_0_utilization_percentage", BUSY, 60)
    audit = Audit(sqlite_store, bench)
    assert audit.look()["long"].known_hours == pytest.approx(1 / 6)
    audit.look()
    assert bench.tracking.read.count(run) == 1
    bench.log(run, "system/gpu_0_utilization_percentage", IDLE, 300, after=60)
    bench.tracking.end_run(run, "FINISHED", BEGAN + timedelta(hours=1))
    clock.advance(360)
    assert audit.look()["long"].idle_hours == pytest.approx(5 / 6)
    clock.advance(86_400)
    audit.look()
    clock.advance(86_400)
    audit.look()
    assert bench.tracking.read.count(run) == 2  # once more when it was over, then never again


def test_a_run_that_comes_long_after_it_ended_is_found_within_a_day(
    sqlite_store: Store, clock: FixedClock, bench: Bench
) -> None:
    bench.tracking.end_run(bench.run("soon"), "FINISHED", BEGAN + timedelta(hours=4))
    clock.advance(3 * 3600)
    audit = Audit(sqlite_store, bench)
    assert set(audit.look()) == {"soon"}
    late = bench.run("late")
    bench.log(late, "system/gpu_0_utilization_percentage", IDLE, 360)
    bench.tracking.end_run(late, "FINISHED", BEGAN + timedelta(hours=1))
    assert set(audit.look()) == {"soon"}
    clock.advance(86_400)
    assert audit.look()["late"].idle_hours == pytest.approx(1)
