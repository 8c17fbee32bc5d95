"""Registries of many models: a stand-in in memory, and rows for a real server's own store."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from services.facts.registry.types import Head, Run, SeenVersion
from services.record.canonical import digest

VERSIONS = 10
AT = datetime(2026, 1, 1, tzinfo=UTC)
MS = int(AT.timestamp() * 1000)


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


def fill_store(path: Path, models: int, runs: int) -> None:
    """Write models, versions, aliases and runs into the store of an MLflow server that is stopped.

    Notes
    -----
    Through MLflow's client the same takes an hour. Every run has ten metrics, eight parameters and
    three tags; the first of them belong to versions.
    """
    store = sqlite3.connect(path)
    (workspace,) = store.execute("SELECT workspace FROM experiments LIMIT 1").fetchone()
    names = [f"model-{n:04d}" for n in range(models)]
    versions = [(name, n) for name in names for n in range(1, VERSIONS + 1)]
    ids = [digest(list(each))[:32] for each in versions]
    ids += [digest(["other", n])[:32] for n in range(runs - len(ids))]
    _insert(
        store,
        "registered_models",
        "name creation_time last_updated_time description workspace",
        ((name, MS, MS, "words", workspace) for name in names),
    )
    _insert(
        store,
        "registered_model_aliases",
        "alias version name workspace",
        (("champion", 7, name, workspace) for name in names),
    )
    _insert(
        store,
        "model_versions",
        "name version creation_time last_updated_time current_stage source run_id status "
        "storage_location workspace",
        (
            (name, n, MS, MS, "None", f"models:/m-{run}", run, "READY", "", workspace)
            for (name, n), run in zip(versions, ids, strict=False)
        ),
    )
    _insert(
        store,
        "runs",
        "run_uuid name source_type source_name entry_point_name user_id status start_time "
        "end_time source_version lifecycle_stage artifact_uri experiment_id",
        (
            (
                run,
                "run",
                "LOCAL",
                "",
                "",
                "ada",
                "FINISHED",
                MS,
                MS,
                "",
                "active",
                f"mlflow-artifacts:/0/{run}/artifacts",
                0,
            )
            for run in ids
        ),
    )
    _insert(store, "latest_metrics", "key value timestamp step is_nan run_uuid", _metrics(ids))
    _insert(
        store,
        "params",
        "key value run_uuid",
        ((f"param_{n}", "1", run) for run in ids for n in range(8)),
    )
    _insert(
        store,
        "tags",
        "key value run_uuid",
        ((key, "ada", run) for run in ids for key in ("mlflow.user", "mlflow.runName", "team")),
    )
    store.commit()
    store.close()


def _metrics(ids: Sequence[str]) -> Iterator[tuple[object, ...]]:
    for run in ids:
        for n in range(10):
            yield f"metric_{n}", 0.5, MS, 0, False, run


def _insert(
    store: sqlite3.Connection, table: str, columns: str, rows: Iterator[tuple[object, ...]]
) -> None:
    names = columns.split()
    marks = ", ".join("?" * len(names))
    store.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
