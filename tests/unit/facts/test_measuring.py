"""What is filed, and what fails in the same sentence, when a version answers badly."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.facts.evidence.service import EvidenceStore
from services.facts.evidence.types import EvidenceKind
from services.facts.performance.statistics import Floats
from services.facts.registry.service import Registry
from services.facts.scoring.types import Scores
from services.kernel.identity import SYSTEM
from services.record.archive.service import Archive
from services.record.canonical import sha256_hex
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.workflows.measurement.service import Measurement
from services.workflows.measurement.types import Instruments
from services.workflows.sync.service import Sync
from tests.support.fake_mlflow import FakeMlflow
from tests.unit.facts.readings import parquet

NAME = "loans"
ROWS = pd.DataFrame({"y": [0, 1] * 40, "a": range(80), "race": ["White"] * 40 + ["Black"] * 40})
SCHEMA: dict[str, Any] = {
    "task": "classification", "target": "y", "protected": ["race"], "favourable": 1,
}  # fmt: skip
PERFORMANCE, FAIRNESS = EvidenceKind.PERFORMANCE, EvidenceKind.FAIRNESS


class Logged(FakeMlflow):
    """A registry whose runs logged an evaluation set."""

    schema = SCHEMA
    rows = ROWS

    def download_run_folder(self, run_id: str, folder: str, into: Path) -> bool:
        del run_id, folder
        into.mkdir(parents=True)
        (into / "schema.json").write_text(json.dumps(self.schema), encoding="utf-8")
        (into / "data.parquet").write_bytes(parquet(self.rows))
        return True


class Answering:
    """A sandbox that answers what it was told to."""

    def __init__(self, outputs: Floats, classes: tuple[Any, ...]) -> None:
        self._scores = Scores(outputs, classes, ())

    def score(self, *_: object, **__: object) -> Scores:
        return self._scores


def nobodys(name: str) -> None:
    del name


class Bench:
    """One measurement of one version, from the files to the evidence."""

    def __init__(self, store: Store, folder: Path, **schema: Any) -> None:
        self.store, self.folder, self.mlflow = store, folder, Logged()
        self.mlflow.schema = {**SCHEMA, **schema}
        self.run_id = self.mlflow.add(NAME).run_id
        Sync(store, self.mlflow).look()
        self.evidence, self.registry = EvidenceStore(Archive(folder / "archive")), Registry()

    def measure(self, outputs: Any, classes: tuple[Any, ...] = (0, 1)) -> list[str]:
        tasks, archive = Tasks(self.store), Archive(self.folder / "archive")
        scorer: Any = Answering(np.asarray(outputs, dtype=np.float64), classes)
        steps = Measurement(
            Instruments(
                self.store, tasks, self.evidence, self.registry, self.mlflow, scorer,
                nobodys, archive, self.folder / "jobs",
            )
        )  # fmt: skip
        payload = {"name": NAME, "version": 1, "run_id": self.run_id}
        with self.store.operational() as session:
            task = tasks.request(
                session, "measurement", ("version", f"{NAME}/1"), payload,
                requested_by=str(SYSTEM), key="once",
            )  # fmt: skip
        tasks.start(task.task_id)
        fetched = steps.fetch(task.task_id)
        filed = steps.perform(task.task_id, fetched)["filed"]
        return [*filed, *steps.trace(task.task_id, fetched)["filed"]]

    def failures(self) -> dict[EvidenceKind, str]:
        with self.store.reading() as session:
            ref = self.registry.ref(session, NAME, 1)
            return {each.kind: each.reason for each in self.evidence.failures(session, ref)}


def answers(yes: float = 0.8) -> Floats:
    return np.tile([1 - yes, yes], (80, 1))


def test_a_version_that_answers_well_is_measured_and_audited(
    sqlite_store: Store, tmp_path: Path
) -> None:
    bench = Bench(sqlite_store, tmp_path)
    assert bench.measure(answers()) == ["performance", "fairness", "lineage"]
    assert bench.failures() == {}


@pytest.mark.parametrize(
    ("outputs", "classes", "words"),
    [
        (answers(np.nan), (0, 1), "numbers that are not finite"),
        (np.full(80, 0.7), (0, 1), "a probability for each of two classes"),
        (np.full(80, 1.0), (), "a probability for each of two classes"),
        (np.array(0.7), (0, 1), "answered 1 times to 80 rows"),
        (answers()[:5], (0, 1), "answered 5 times to 80 rows"),
        (answers(1.5), (0, 1), "probabilities outside 0 to 1"),
        (answers(), ("no", "yes"), "does not know the class 0"),
        (answers(), ([0], [1]), "must be texts or numbers"),
    ],
)
def test_what_performance_cannot_be_measured_on_no_audit_is_made_of(
    sqlite_store: Store, tmp_path: Path, outputs: Floats, classes: tuple[Any, ...], words: str
) -> None:
    bench = Bench(sqlite_store, tmp_path)
    assert bench.measure(outputs, classes) == ["lineage"]
    failed = bench.failures()
    assert set(failed) == {PERFORMANCE, FAIRNESS}
    assert failed[PERFORMANCE] == failed[FAIRNESS]
    assert words in failed[FAIRNESS]


def test_without_an_audit_only_performance_fails(sqlite_store: Store, tmp_path: Path) -> None:
    bench = Bench(sqlite_store, tmp_path, protected=[])
    assert bench.measure(answers(np.nan)) == ["lineage"]
    assert set(bench.failures()) == {PERFORMANCE}


def test_an_evaluation_set_that_means_nothing_is_said_and_the_version_is_traced_all_the_same(
    sqlite_store: Store, tmp_path: Path
) -> None:
    bench = Bench(sqlite_store, tmp_path, favourable="approved")
    assert bench.measure(answers()) == ["lineage"]
    assert "favourable value 'approved'" in bench.failures()[PERFORMANCE]
    with sqlite_store.reading() as session:
        ref = bench.registry.ref(session, NAME, 1)
        found = bench.evidence.latest_by_kind(session, ref)[EvidenceKind.LINEAGE]
    digests = {each.role: each.sha256 for each in found.inputs}
    assert digests["evaluation"] == sha256_hex(parquet(ROWS))
