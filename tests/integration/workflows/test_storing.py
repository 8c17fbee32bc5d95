"""Files of runs: weighed at a real MLflow, charged by the day, and taken away."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session

from services.facts.cost.service import Ledger
from services.facts.registry.artifacts import MlflowArtifacts
from services.facts.registry.types import Run, Weight
from services.facts.storage.service import Storage
from services.kernel.clock import FixedClock
from services.kernel.error import SourceUnavailable
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.grid.service import Grids
from services.standards.price.service import Prices
from services.workflows.costing import repository
from services.workflows.costing.storage import Rooms, Weighing
from services.workflows.costing.tariffs import Tariffs
from services.workflows.costing.types import CostedRun, RunState

GB = 10**9


class Files:
    """What a test lets MLflow keep."""

    def __init__(self) -> None:
        self.size: dict[str, int | None] = {}

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        tags = {"mlflow.runName": "trial", "countersign.hold": " audit 2026 "}
        return [
            Run(each, "0", "ada", "FINISHED", None, None, None, {}, {}, tags) for each in run_ids
        ]

    def weigh_run(self, run_id: str) -> Weight:
        size = self.size[run_id]
        if size is None:
            raise SourceUnavailable("MLflow does not serve its artifacts.")
        return Weight(size, 1)

    def weigh_version(self, name: str, version: int) -> Weight:
        return Weight(version * GB, 2)


def weighing(store: Store, files: Files) -> Weighing:
    prices, grids = Prices(store, Authority()), Grids(store, Authority())
    prices.publish_sample()

    def tariffs(session: Session) -> Tariffs:
        return Tariffs(session, prices, grids)

    return Weighing(
        Rooms(
            store, Storage(store), Ledger(), files, tariffs,
            lambda _: {"v1": [("loan", 1, True), ("loan", 2, False)]},
            lambda _, run: "" if run.run_id == "v1" else "loan",
            lambda _, model: "lending" if model else "",
        )
    )  # fmt: skip


def ended(store: Store, *run_ids: str) -> None:
    at = store.clock.now()
    with store.operational() as session:
        repository.keep(
            session,
            [
                CostedRun(each, each, "0", "", RunState.CHARGED, False, at, at, "")
                for each in run_ids
            ],
        )


def test_a_run_is_weighed_once_with_the_versions_beside_it_and_each_day_is_charged_once(
    store: Store, clock: FixedClock
) -> None:
    files = Files()
    files.size = {"v1": GB, "t1": 3 * GB, "far": None}
    ended(store, *files.size)
    duty = weighing(store, files)
    assert duty.look() == 3
    assert duty.look() == 0
    with store.reading() as session:
        kept = {each.run_id: each for each in Storage(store).kept(session)}
    assert (kept["v1"].size, kept["v1"].files, kept["v1"].model) == (2 * GB, 3, "loan")
    assert kept["far"].size is None
    assert kept["t1"].held == "audit 2026"
    day = clock.now()
    clock.advance(timedelta(days=1).total_seconds())
    duty.look()
    weighing(store, files).look()  # another worker, the same day
    start = day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with store.reading() as session:
        lines = Ledger().of_model(session, "loan", Period(start, start + timedelta(days=2)))
    assert len(lines) == 1
    entry = lines[0].entry
    assert (entry.kind.value, entry.use.unit, entry.bearer.team) == (
        "storage",
        "gb-month",
        "lending",
    )
    days = (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    assert abs(entry.use.quantity - Decimal(5) / days.day) < Decimal("0.000001")
    assert entry.amount is not None
    assert entry.amount.micros == round(entry.use.quantity * 23_000)


@pytest.fixture
def mlflow(mlflow_url: str) -> Iterator[MlflowArtifacts]:
    made = f"{mlflow_url}/api/2.0/mlflow/registered-models/create"
    httpx.post(made, json={"name": "stored"}).raise_for_status()
    gateway = MlflowArtifacts(mlflow_url)
    yield gateway
    gateway.close()


def test_files_at_a_real_mlflow_are_weighed_and_taken_away(
    mlflow: MlflowArtifacts, tmp_path: Path
) -> None:
    (tmp_path / "model" / "deep").mkdir(parents=True)
    (tmp_path / "model" / "MLmodel").write_bytes(b"x" * 1000)
    (tmp_path / "model" / "deep" / "weights.bin").write_bytes(b"y" * 70_000)
    at = datetime(2026, 3, 14, tzinfo=UTC)
    run_id = mlflow.begin_run(mlflow.experiment("storing"), "trial", at, {})
    source = mlflow.upload(run_id, tmp_path / "model", "model")
    mlflow.end_run(run_id, "FINISHED", at)
    made = mlflow.create_version("stored", source, run_id, {})
    mlflow.set_alias("stored", "candidate", made.version)
    assert mlflow.weigh_run(run_id) == Weight(71_000, 2)
    assert mlflow.weigh_version("stored", made.version) == Weight(71_000, 2)
    assert mlflow.aliases_of("stored", made.version) == ("candidate",)
    for _ in range(2):
        mlflow.dispose_version("stored", made.version)
        mlflow.dispose_run(run_id)
    assert mlflow.aliases_of("stored", made.version) == ()
    assert mlflow.versions("stored") == []
    assert mlflow.weigh_run(run_id) == Weight(0, 0)
