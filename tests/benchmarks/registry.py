"""The mirror of a real MLflow server of 1,000 models × 10 versions and 20,000 runs."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from services.facts.registry.gateway import MlflowGateway
from services.facts.registry.service import Registry
from services.kernel.clock import SystemClock
from services.record.storage.database import Database
from services.record.trail.unit_of_work import Store
from services.workflows.sync.service import Sync
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.seeds import fill_store
from tests.support.databases import create
from tests.support.mlflow import mlflow_server

MODELS, RUNS = 1000, 20_000


def timed(work: Callable[[], object], times: int = 1) -> float:
    """Return the median seconds of doing something."""
    found: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with mlflow_server(folder):
            pass  # it makes its tables
        fill_store(folder / "mlflow.db", MODELS, RUNS)
        with mlflow_server(folder) as url:
            gateway = MlflowGateway(url)
            gateway.ping()
            measure(folder, gateway)
            gateway.close()


def measure(folder: Path, gateway: MlflowGateway) -> None:
    """Measure the mirror against a server that answers."""
    database = create(Database(f"sqlite:///{folder}/governance.sqlite", guarded=False))
    store = Store(database, SystemClock())
    sync, registry = Sync(store, gateway), Registry()
    first = timed(sync.look)
    quiet = timed(sync.look, 5)

    def inventory() -> None:
        with store.reading() as session:
            assert len(registry.models(session)) == MODELS

    query = timed(inventory, 9)
    search = timed(lambda: gateway.heads(), 5)
    write(
        "registry",
        [
            Figure("sync_first_s", first, "s", "<= 15"),
            Figure("sync_quiet_s", quiet, "s", "<= 1.5"),
            Figure("inventory_query_ms", query * 1000, "ms", "<= 30"),
            Figure("inventory_vs_search", search / query, "x", ">= 20", search * 1000, search / query),
        ],
    )  # fmt: skip
    database.close()
