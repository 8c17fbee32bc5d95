"""Comparing what came out of a training with the champion, and registering it where it is better."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from services.decisions.retraining.types import TicketState
from services.facts.evidence.types import Producer, Reading
from services.facts.performance.evaluation import EvaluationSet
from services.facts.registry.types import SeenVersion
from services.facts.scoring.inspection import digest_of, signature_of
from services.kernel.error import InsufficientEvidence
from services.kernel.identity import DEFAULT_REGISTRY, DEFAULT_WORKSPACE, SYSTEM, ModelRef
from services.workflows.measurement.service import code_version
from services.workflows.retraining.comparing import Bout, Compared, Scored
from services.workflows.retraining.crash import crash
from services.workflows.retraining.deciding import STAYS
from services.workflows.retraining.explaining import importance
from services.workflows.retraining.job import Job
from services.workflows.retraining.ports import DATA_TAG, WARM_TAG, Parts
from services.workflows.retraining.result import MODEL, begun, result_of
from services.workflows.retraining.timing import ROWS, fairly
from services.workflows.retraining.versions import Versions

EVALUATION = "evaluation"
CHALLENGER, CHAMPION = "challenger", "champion"


class Evaluating:
    """Scores both on the same rows, compares, registers once."""

    def __init__(self, parts: Parts) -> None:
        self._at, self._versions = parts, Versions(parts)

    def begin(self, job: Job) -> None:
        """Let the ticket be compared, when what the script left is whole.

        Raises
        ------
        InsufficientEvidence
            When it left no model, or did not log what its recipe says.
        """
        out = self._at.folder(job.id) / "out"
        said = result_of(out)
        metrics = said.metrics
        missing = sorted(set(job.recipe.metrics) - set(metrics))
        if missing:
            raise InsufficientEvidence(
                f"The training did not say {missing[0]!r}, which its recipe asks for."
            )
        start = begun(said.start, wanted=_goes_on(job))
        tags = {WARM_TAG: f"{'yes' if start.warm else 'no'}: {start.words}"} if start else {}
        now = self._at.store.clock.now()
        self._at.tracking.log(job.ticket.run_id, now, metrics=metrics, tags=tags)
        with self._at.store.unit(SYSTEM) as unit:
            self._at.tickets.evaluating(unit, job.held.fence)
        crash("evaluating")

    def conclude(self, job: Job, say: Callable[[str], None]) -> None:
        """Compare, and register what is better; no better is an outcome like any other."""
        folder, ticket = self._at.folder(job.id), job.ticket
        say("Scoring both on the holdout")
        rows = self._at.comparing.holdout(job.recipe, ticket, _fresh(folder / EVALUATION))
        said = result_of(folder / "out")
        with self._models(job) as models:
            challenger, champion = self._both(job, models, rows)
        start = begun(said.start, wanted=_goes_on(job))
        bout = Bout(rows, champion, challenger, said.metrics, said.folds, start)
        crash("scored")
        job.held.check()
        with self._at.store.unit(SYSTEM) as unit:
            look = self._at.comparing.look(unit, ticket, job.recipe)
            attempts = self._at.tickets.attempts(unit.session, job.id)
        compared = self._at.comparing.compare(bout, job.recipe, ticket, look, attempts)
        crash("compared")
        say(compared.words)
        if compared.is_better and compared.reading is not None:
            self._register(job, compared.reading, challenger)
        else:
            self._leave(job, compared)

    def _register(self, job: Job, report: Reading, challenger: Scored) -> None:
        ticket, folder, tracking = job.ticket, self._at.folder(job.id), self._at.tracking
        tracking.upload(ticket.run_id, folder / EVALUATION, EVALUATION)
        source = tracking.upload(ticket.run_id, folder / "out" / MODEL, MODEL)
        crash("uploaded")
        tags = {
            DATA_TAG: ticket.data.sha256 if ticket.data else "",
            "countersign.artifact_sha256": challenger.artifact_sha256,
        }
        made = self._versions.once(ticket.model, job.id, source, ticket.run_id, tags, job.held)
        crash("registered")
        with self._at.store.unit(SYSTEM) as unit:
            told = _against(report, ticket.base)
            filed = self._at.evidence.file(unit, ref_of(made), told, self._producer(job))
            self._at.tickets.registered(unit, job.held.fence, made.version, filed.evidence_id)
            crash("noted")

    def _leave(self, job: Job, compared: Compared) -> None:
        """End a ticket whose version is not registered: no better, or nobody can tell."""
        base, filed, words = job.ticket.base, "", compared.words
        state = TicketState.NO_BETTER
        if compared.is_better is None:
            state, words = TicketState.FAILED, f"{words.rstrip('.')}; {STAYS}."
        with self._at.store.unit(SYSTEM) as unit:
            if base is not None and compared.reading is not None:
                report = compared.reading
                held = self._at.evidence.file(unit, base, report, self._producer(job))
                filed = held.evidence_id
            self._at.tickets.closed(unit, job.held.fence, state, words, filed)
            crash("noted")

    @contextmanager
    def _models(self, job: Job) -> Iterator[Mapping[str, Path]]:
        """Yield where the files of both stand; of the challenger alone where there is no champion."""
        folder, base = self._at.folder(job.id), job.ticket.base
        models = {CHALLENGER: folder / "out" / MODEL}
        try:
            if base is not None:
                models[CHAMPION] = _fresh(folder / CHAMPION)
                self._at.tracking.download_version(base.name, base.version, models[CHAMPION])
            yield models
        finally:
            shutil.rmtree(folder / CHAMPION, ignore_errors=True)

    def _both(
        self, job: Job, models: Mapping[str, Path], rows: EvaluationSet
    ) -> tuple[Scored, Scored | None]:
        """Return what both answer to the same rows, timed as equals."""

        def scored(name: str, most: int | None = None) -> Scored:
            return self._scored(job, models[name], rows, name, most)

        challenger = scored(CHALLENGER)
        if CHAMPION not in models:
            return challenger, None
        both = fairly(challenger, scored(CHAMPION), lambda name: scored(name, ROWS))
        return self._explained(job, models, rows, both)

    def _explained(
        self,
        job: Job,
        models: Mapping[str, Path],
        rows: EvaluationSet,
        both: tuple[Scored, Scored],
    ) -> tuple[Scored, Scored]:
        """Return both with what their answers rest on, where they can be explained."""
        new, old = (
            replace(
                each,
                importance=importance(
                    self._at.scorer,
                    models[name],
                    rows.rows[columns_of(models[name], rows)],
                    self._at.folder(job.id) / f"explain-{name}",
                    trusted=self._trusted(job),
                    should_stop=lambda: job.held.lost.is_set(),
                ),
            )
            for name, each in zip((CHALLENGER, CHAMPION), both, strict=True)
        )
        return new, old

    def _scored(
        self, job: Job, model: Path, rows: EvaluationSet, name: str, most: int | None
    ) -> Scored:
        work = self._at.folder(job.id) / f"score-{name}"
        asked = rows.rows[columns_of(model, rows)].iloc[:most]
        try:
            scores = self._at.scorer.score(
                model, asked, rows.task, work, trusted=self._trusted(job),
                should_stop=lambda: job.held.lost.is_set(),
            )  # fmt: skip
        finally:
            shutil.rmtree(work, ignore_errors=True)
        size = sum(each.stat().st_size for each in model.rglob("*") if each.is_file())
        return Scored(scores, digest_of(model), size)

    def _trusted(self, job: Job) -> bool:
        with self._at.store.reading() as session:
            return self._at.rules(session, job.ticket).trusted

    def _producer(self, job: Job) -> Producer:
        return Producer(job.task_id, code_version())


def _goes_on(job: Job) -> bool:
    """Tell whether a training was given the champion to go on from."""
    return job.recipe.warm_start and job.ticket.base is not None


def columns_of(model: Path, rows: EvaluationSet) -> list[str]:
    """Return the columns that a version reads, in its own order where its signature names them."""
    try:
        named = [str(each["name"]) for each in json.loads(signature_of(model) or "[]")]
    except (ValueError, TypeError, KeyError):
        return rows.features
    return named if named and set(named) <= set(rows.rows.columns) else rows.features


def _against(report: Reading, champion: ModelRef | None) -> Reading:
    """Return a report that says which version it was compared with."""
    if champion is None:
        return report
    said = {"version": champion.version, "run_id": champion.run_id}
    return replace(report, parameters={**report.parameters, "champion": said})


def ref_of(version: SeenVersion) -> ModelRef:
    """Return which version of which model MLflow speaks of."""
    return ModelRef(
        DEFAULT_REGISTRY, DEFAULT_WORKSPACE, version.name, version.version, version.run_id,
        version.source_uri,
    )  # fmt: skip


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder
