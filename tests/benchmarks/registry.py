"""The mirror at 1,000 models × 10 versions: first sync, quiet sync, the inventory.

The source is a seeded stand-in that hands out what MLflow's REST interface would, so the time of the
network and of MLflow itself is not in these figures.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from services.facts.registry.service import Registry
from services.facts.registry.types import Head, Run, SeenVersion
from services.kernel.clock import SystemClock
from services.record.canonical import digest
from services.record.storage.database import Database
from services.record.trail.unit_of_work import Store
from services.workflows.sync.service import Sync
from tests.benchmarks.figures import Figure, write
from tests.support.databases import create

MODELS, VERSIONS = 1000, 10
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Seeded:
    """A registry of many models, always the same."""

    def __init__(self, models: int) -> None:
        self._names = [f"model-{n:04d}" for n in range(models)]

    def heads(self) -> list[Head]:
        return [
            Head(
                name, "", {"team": "t"}, {"champion": 7}, VERSIONS, 1_700_000_000_000, digest(name)
            )
            for name in self._names
        ]

    def all_versions(self, progress: Callable[[int], None] | None = None) -> list[SeenVersion]:
        found = [self._version(name, n) for name in self._names for n in range(1, VERSIONS + 1)]
        for done in range(1000, len(found) + 1, 1000):
            if progress:
                progress(done)
        return found

    def versions(self, name: str) -> list[SeenVersion]:
        return [self._version(name, n) for n in range(1, VERSIONS + 1)]

    def versions_since(self, watermark_ms: int) -> list[SeenVersion]:
        del watermark_ms
        return []

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        metrics = {f"metric_{n}": 0.5 for n in range(10)}
        params = {f"param_{n}": "1" for n in range(8)}
        return [
            Run(each, "1", "ada", "FINISHED", AT, AT, "c" * 40, metrics, params, {"a": "b"})
            for each in run_ids
        ]

    def _version(self, name: str, number: int) -> SeenVersion:
        run = digest([name, number])[:32]
        return SeenVersion(name, number, run, f"models:/m-{run}", 1, 1, "READY", "", {})


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
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/governance.sqlite"
        store = Store(create(Database(url, guarded=False)), SystemClock())
        sync, registry = Sync(store, Seeded(MODELS)), Registry()
        first = timed(sync.look)
        quiet = timed(sync.look, 5)

        def inventory() -> None:
            with store.reading() as session:
                assert len(registry.models(session)) == MODELS

        query = timed(inventory, 9)
        write(
            "registry",
            [
                Figure("sync_first_s", first, "s", "<= 15, network aside"),
                Figure("sync_quiet_s", quiet, "s", "<= 1.5, network aside"),
                Figure("inventory_query_ms", query * 1000, "ms", "<= 30"),
            ],
        )
        store.database.close()
