"""Holding a new version against the one it is to replace, on rows that no training sees."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pyarrow import parquet
from sqlmodel import Session

from services.decisions.recipe.types import Recipe
from services.decisions.retraining.types import Attempt, Ticket
from services.facts.challenger.comparison import compare
from services.facts.challenger.look import Look
from services.facts.challenger.service import Holdouts
from services.facts.challenger.types import Contest, Side, Standard, Training, Verdict
from services.facts.performance.evaluation import EvaluationSet, parse
from services.facts.registry.tracking import MlflowTracking
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.storing import task_of
from services.facts.training_data.types import Snapshot
from services.kernel.error import InvalidInput
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.policy.types import Policy
from services.workflows.measurement.audit import audit_of
from services.workflows.retraining.comparing import Bout, Compared, Scored
from services.workflows.retraining.costs import PolicySource

SEED = 20260314
EVALUATION, SCHEMA, DATA = "evaluation", "schema.json", "data.parquet"
FIRST = "There is no version to be better than; it is registered as the first one."


class Judging:
    """Compares versions by the policy in force."""

    def __init__(
        self, store: Store, rows: TrainingRows, holdouts: Holdouts, policies: PolicySource,
        tracking: MlflowTracking,
    ) -> None:  # fmt: skip
        self._store, self._rows, self._holdouts = store, rows, holdouts
        self._policies, self._tracking = policies, tracking

    def holdout(self, recipe: Recipe, ticket: Ticket, folder: Path) -> EvaluationSet:
        """Return the rows that no training sees, written as the evaluation set of the new version.

        Raises
        ------
        Conflict
            When they are not the rows whose digest is pinned.
        """
        found = self._rows.holdout(recipe.data, recipe.holdout.uri, recipe.holdout.sha256)
        meaning = self._meaning(recipe, ticket, found, folder)
        parquet.write_table(found.table, folder / DATA, compression="zstd")
        (folder / SCHEMA).write_text(json.dumps(meaning, indent=1), encoding="utf-8")
        return parse((folder / SCHEMA).read_bytes(), (folder / DATA).read_bytes())

    def spent(self, session: Session, ticket: Ticket, recipe: Recipe) -> str:
        """Return why the holdout can decide no more, in one sentence; empty while it can.

        Notes
        -----
        Without a version to be better than nothing is decided by it.
        """
        limit = self._policy(session, ticket).retraining.holdout_looks
        looks = self._holdouts.looks(session, recipe.holdout.sha256, ticket.model, limit)
        return _spent(ticket, looks, limit)

    def look(self, unit: UnitOfWork, ticket: Ticket, recipe: Recipe) -> Look:
        """Count this ticket's look at the holdout, once."""
        limit = self._policy(unit.session, ticket).retraining.holdout_looks
        return self._holdouts.look(
            unit, recipe.holdout.sha256, ticket.model, ticket.ticket_id, limit
        )

    def compare(
        self, bout: Bout, recipe: Recipe, ticket: Ticket, look: Look, attempts: Sequence[Attempt]
    ) -> Compared:
        """Return whether the challenger is better, and the training report."""
        with self._store.reading() as session:
            policy = self._policy(session, ticket)
        plan = policy.retraining
        standard = Standard(
            min_effect=plan.min_effect, audit=audit_of(bout.rows, policy),
            fairness_margin=plan.fairness_margin, must_show=plan.must_show,
        )  # fmt: skip
        champion = _side(bout.champion) if bout.champion else None
        contest = Contest(bout.rows, _side(bout.challenger), champion)
        found = compare(
            contest, standard, look, _training(bout, recipe, ticket, attempts), seed=SEED
        )
        if found.verdict is Verdict.NOT_COMPARABLE:
            first = champion is None and found.reading is not None
            return Compared(
                True if first else None, FIRST if first else found.reason, found.reading
            )
        return Compared(found.verdict is Verdict.BETTER, found.reason, found.reading)

    # inside

    def _meaning(
        self, recipe: Recipe, ticket: Ticket, found: Snapshot, folder: Path
    ) -> dict[str, Any]:
        """Return what the columns mean: as the champion's run says, where its columns are there."""
        source = recipe.data
        meaning: dict[str, Any] = {"task": task_of(found), "target": source.target}
        columns = set(found.table.column_names)
        meaning |= {k: v for k, v in (("id", source.id), ("time", source.time)) if v in columns}
        said = self._said(ticket, folder)
        if said.get("target") != source.target:
            return meaning
        meaning["task"] = said.get("task", meaning["task"])
        for key in ("protected", "segments"):
            meaning[key] = [each for each in said.get(key) or () if each in columns]
        if said.get("favourable") is not None:
            meaning["favourable"] = said["favourable"]
        return meaning

    def _said(self, ticket: Ticket, folder: Path) -> dict[str, Any]:
        """Return what the champion's run says of its evaluation set; empty where it logged none."""
        if ticket.base is None:
            return {}
        beside = folder.with_name(f"{folder.name}-champion")
        try:
            if not self._tracking.download_run_folder(ticket.base.run_id, EVALUATION, beside):
                return {}
            held = json.loads((beside / SCHEMA).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return held if isinstance(held, dict) else {}

    def _policy(self, session: Session, ticket: Ticket) -> Policy:
        return self._policies.policy(session, ticket.model, ticket.alias)


def _spent(ticket: Ticket, looks: Sequence[Look], limit: int) -> str:
    if ticket.base is None or len(looks) < limit:
        return ""
    return (
        f"This holdout has decided {limit} times already, and could not say whether a new model is "
        "better; publish the recipe with another holdout, and open a new ticket."
    )


def _side(scored: Scored) -> Side:
    scores = scored.scores
    return Side(
        scores.outputs, scores.classes, size_bytes=scored.size_bytes, latency_ms=scores.latency_ms,
        importance=scored.importance,
    )  # fmt: skip


def _training(bout: Bout, recipe: Recipe, ticket: Ticket, attempts: Sequence[Attempt]) -> Training:
    seconds = [
        (each.finished_at - each.started_at).total_seconds()
        for each in attempts
        if each.started_at and each.finished_at
    ]
    if ticket.data is None:
        raise InvalidInput("This ticket was never quoted.")
    return Training(
        recipe=recipe.name,
        recipe_version=recipe.version,
        recipe_sha256=recipe.sha256,
        parameters=dict(ticket.parameters),
        engine=ticket.engine,
        data_sha256=ticket.data.sha256,
        data_rows=ticket.data.rows,
        metrics=dict(bout.metrics),
        folds=dict(bout.folds),
        begun=asdict(bout.start) if bout.start else {},
        attempts=len(attempts),
        wall_seconds=sum(seconds),
        gpu_hours=recipe.needs.gpus * sum(seconds) / 3600,
        cost=ticket.spent.decimal if ticket.spent else None,
        currency=ticket.spent.currency if ticket.spent else "",
    )
