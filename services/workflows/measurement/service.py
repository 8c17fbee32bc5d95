"""The steps of a measurement; each may be done again and files the same evidence once."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from services.facts.evidence.types import EvidenceInput, EvidenceKind, Producer, Reading
from services.facts.explanation.service import from_values
from services.facts.fairness import service as fairness
from services.facts.lineage.service import trace
from services.facts.performance import service as performance
from services.facts.performance.evaluation import EvaluationSet, parse
from services.facts.scoring.inspection import digest_of
from services.facts.scoring.types import Limit, LimitExceeded, Scores
from services.kernel.error import Conflict, CountersignError, InsufficientEvidence, NotFound
from services.kernel.identity import SYSTEM, ModelRef
from services.record.canonical import sha256_hex
from services.workflows.measurement.audit import audit_of, chosen_of
from services.workflows.measurement.journal import Journal
from services.workflows.measurement.types import Instruments
from services.workflows.types import StepFailed

SEED = 20260314
FOLDER = "evaluation"


class Measurement:
    """Measures one version for one task."""

    def __init__(self, instruments: Instruments) -> None:
        self._at = instruments

    # the steps, in their order

    def fetch(self, task_id: str) -> dict[str, Any]:
        """Download the version and its evaluation set; return their digests."""
        ref, journal = self._ref(task_id), self._journal(task_id)
        journal.say(0.05, f"Downloading {ref.label} and its evaluation set")
        self._same(ref)
        folder = self._folder(task_id)
        shutil.rmtree(folder, ignore_errors=True)
        self._at.source.download_version(ref.name, ref.version, folder / "model")
        held = self._at.source.download_run_folder(ref.run_id, FOLDER, folder / FOLDER)
        whole = held and all(
            (folder / FOLDER / f).is_file() for f in ("schema.json", "data.parquet")
        )
        artifact = digest_of(folder / "model")
        journal.say(0.15, f"Files of the version: SHA-256 {artifact}")
        if not whole:
            journal.say(0.15, "The run logged no evaluation set; there is nothing to measure on")
        return {"artifact": artifact, "evaluation": whole}

    def perform(self, task_id: str, fetched: Mapping[str, Any]) -> dict[str, Any]:
        """Score the evaluation set in the sandbox; file performance and the bias audit."""
        ref, journal = self._ref(task_id), self._journal(task_id)
        journal.say(0.2, "Scoring the evaluation set in the sandbox")
        try:
            evaluation = self._evaluation(task_id)
            scores = self._scored(task_id, ref, evaluation)
        except (LimitExceeded, CountersignError) as error:
            return self._failed(task_id, ref, EvidenceKind.PERFORMANCE, error)
        filed = self._file_all(task_id, ref, evaluation, scores, str(fetched["artifact"]))
        return {"filed": filed}

    def explain(self, task_id: str, fetched: Mapping[str, Any]) -> dict[str, Any]:
        """Explain the version in the sandbox; what cannot be explained is not measured."""
        ref, journal = self._ref(task_id), self._journal(task_id)
        journal.say(0.6, "Explaining the version in the sandbox")
        folder, evaluation = self._folder(task_id), self._evaluation(task_id)
        rows = evaluation.rows[evaluation.features]
        try:
            explained = self._at.scorer.explain(
                folder / "model", rows, SEED, folder / "explain",
                trusted=self._trusted(ref), should_stop=journal.stopping,
            )  # fmt: skip
            reading = from_values(explained, seed=SEED, evaluation_sha256=evaluation.sha256)
        except LimitExceeded as error:
            if error.limit is not Limit.CRASHED:
                return self._failed(task_id, ref, EvidenceKind.EXPLANATION, error)
            journal.say(0.8, f"No explanation: {error.message}")
            return {"filed": []}
        except InsufficientEvidence as error:
            journal.say(0.8, f"No explanation: {error.message}")
            return {"filed": []}
        self._file(task_id, ref, reading, str(fetched["artifact"]), ())
        return {"filed": ["explanation"]}

    def trace(self, task_id: str, fetched: Mapping[str, Any]) -> dict[str, Any]:
        """File where the version came from."""
        ref, journal = self._ref(task_id), self._journal(task_id)
        journal.say(0.9, "Tracing data, run and code")
        with self._at.store.reading() as session:
            run = self._at.registry.run(session, ref.run_id)
        if run is None:
            run = next(iter(self._at.source.runs([ref.run_id])), None)
        sha256 = sha256_hex(self._logged(task_id)[1]) if fetched["evaluation"] else None
        try:
            reading = trace(ref, run, str(fetched["artifact"]), sha256)
        except InsufficientEvidence as error:
            return self._failed(task_id, ref, EvidenceKind.LINEAGE, error)
        self._file(task_id, ref, reading, str(fetched["artifact"]), ())
        return {"filed": ["lineage"]}

    def close(self, task_id: str, filed: list[str]) -> None:
        """End the task and clear its folder."""
        journal = self._journal(task_id)
        journal.say(1.0, "Done: " + (", ".join(filed) if filed else "nothing could be measured"))
        self._at.tasks.succeed(task_id, {"filed": filed}, journal.archive())
        shutil.rmtree(self._folder(task_id), ignore_errors=True)

    def abandon(self, task_id: str, failure: StepFailed) -> None:
        """End a task that failed or was stopped."""
        self._journal(task_id).end(failure)
        shutil.rmtree(self._folder(task_id), ignore_errors=True)

    # inside

    def _scored(self, task_id: str, ref: ModelRef, evaluation: EvaluationSet) -> Scores:
        folder, journal = self._folder(task_id), self._journal(task_id)
        return self._at.scorer.score(
            folder / "model", evaluation.rows[evaluation.features], evaluation.task, folder / "score",
            trusted=self._trusted(ref), should_stop=journal.stopping,
        )  # fmt: skip

    def _file_all(
        self, task_id: str, ref: ModelRef, evaluation: EvaluationSet, scores: Scores, artifact: str
    ) -> list[str]:
        journal, filed = self._journal(task_id), list[str]()
        audit = audit_of(evaluation, self._at.policy(ref.name))
        try:
            reading = performance.measure(evaluation, scores.outputs, scores.classes, seed=SEED)
            self._file(task_id, ref, reading, artifact, scores.libraries)
            filed.append("performance")
        except InsufficientEvidence as error:
            self._failed(task_id, ref, EvidenceKind.PERFORMANCE, error)
            if audit is not None:
                self._failed(task_id, ref, EvidenceKind.FAIRNESS, error)
            return filed
        if audit is None:
            journal.say(0.5, "No bias audit: the evaluation set names no protected attribute")
            return filed
        journal.say(0.45, "Comparing groups")
        try:
            chosen = chosen_of(scores, audit)
            reading = fairness.measure(evaluation, chosen, audit, seed=SEED)
            self._file(task_id, ref, reading, artifact, scores.libraries)
            filed.append("fairness")
        except CountersignError as error:
            self._failed(task_id, ref, EvidenceKind.FAIRNESS, error)
        return filed

    def _file(
        self, task_id: str, ref: ModelRef, reading: Reading, artifact: str,
        libraries: tuple[tuple[str, str], ...],
    ) -> None:  # fmt: skip
        inputs = (
            EvidenceInput("artifact", artifact),
            *(i for i in reading.inputs if i.role != "artifact"),
        )
        whole = replace(reading, inputs=inputs)
        with self._at.store.unit(SYSTEM) as unit:
            filed = self._at.evidence.file(
                unit, ref, whole, Producer(task_id, code_version(), libraries)
            )
        self._journal(task_id).say(
            None, f"Filed {reading.kind.value}: payload {filed.payload_sha256}"
        )

    def _failed(
        self, task_id: str, ref: ModelRef, kind: EvidenceKind, error: CountersignError
    ) -> dict[str, Any]:
        limit = error.limit if isinstance(error, LimitExceeded) else None
        if limit is Limit.CANCELLED:
            raise StepFailed("Cancelled", "It was stopped on request.")
        with self._at.store.unit(SYSTEM) as unit:
            self._at.evidence.file_failure(
                unit, ref, kind, error.message, limit=limit.value if limit else "", task_id=task_id
            )
        self._journal(task_id).say(None, f"{kind.value.capitalize()} failed: {error.message}")
        return {"filed": [], "failed": kind.value}

    def _ref(self, task_id: str) -> ModelRef:
        payload = self._at.tasks.get(task_id).payload
        with self._at.store.reading() as session:
            ref = self._at.registry.ref(session, str(payload["name"]), int(payload["version"]))
        if ref.run_id != payload["run_id"]:
            raise Conflict(f"{ref.label} is another version now: it was deleted and made again.")
        return ref

    def _same(self, ref: ModelRef) -> None:
        """Refuse a version that was deleted and made again under the same number.

        Raises
        ------
        Conflict
            When run or source differ from what was asked for.
        """
        try:
            seen = self._at.source.version(ref.name, ref.version)
        except NotFound as error:
            raise Conflict(f"{ref.label} is gone from MLflow.") from error
        if (seen.run_id, seen.source_uri) != (ref.run_id, ref.source_uri):
            raise Conflict(f"{ref.label} is another version now: it was deleted and made again.")

    def _evaluation(self, task_id: str) -> EvaluationSet:
        return parse(*self._logged(task_id))

    def _logged(self, task_id: str) -> tuple[bytes, bytes]:
        """Return the evaluation set as the run logged it, fit to be read or not."""
        folder = self._folder(task_id) / FOLDER
        if not folder.is_dir():
            self.fetch(task_id)
        return (folder / "schema.json").read_bytes(), (folder / "data.parquet").read_bytes()

    def _trusted(self, ref: ModelRef) -> bool:
        policy = self._at.policy(ref.name)
        return policy is not None and policy.trusted

    def _folder(self, task_id: str) -> Path:
        return self._at.jobs / task_id

    def _journal(self, task_id: str) -> Journal:
        return Journal(self._at.tasks, self._at.archive, task_id, self._at.jobs)


def code_version() -> str:
    """Return the version of this code; ``source`` where it is not installed."""
    try:
        return version("countersign")
    except PackageNotFoundError:
        return "source"
