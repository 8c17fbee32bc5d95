"""Making a monitor without a click: from the version's signature, its evaluation set and the policy."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from services.facts.performance.answers import plain
from services.facts.performance.evaluation import EvaluationSet, parse
from services.facts.performance.service import THRESHOLD
from services.facts.scoring.inspection import signature_of
from services.facts.scoring.types import Scores
from services.facts.window.types import Granularity, Monitor
from services.kernel.error import InsufficientEvidence
from services.kernel.identity import SYSTEM, ModelRef, new_id
from services.workflows.monitoring import reference
from services.workflows.monitoring.types import Parts

FOLDER = "evaluation"
FILES = ("schema.json", "data.parquet")
RHYTHM = "countersign.window"


def make(parts: Parts, ref: ModelRef, folder: Path, should_stop: Callable[[], bool]) -> Monitor:
    """Make and store the monitor of a version.

    Parameters
    ----------
    folder
        The task's own; what was there is removed.

    Raises
    ------
    InsufficientEvidence
        When the run logged no evaluation set, or the version's answers to it cannot be used.
    """
    shutil.rmtree(folder, ignore_errors=True)
    evaluation = _evaluation(parts, ref, folder)
    policy = parts.policy(ref.name)
    parts.source.download_version(ref.name, ref.version, folder / "model")
    scores = parts.scorer.score(
        folder / "model", evaluation.rows[evaluation.features], evaluation.task, folder / "score",
        trusted=policy is not None and policy.trusted, should_stop=should_stop,
    )  # fmt: skip
    signature = signature_of(folder / "model")
    return _store(parts, ref, evaluation, scores, reference.tabulate(evaluation, scores, signature))


def _evaluation(parts: Parts, ref: ModelRef, folder: Path) -> EvaluationSet:
    held = folder / FOLDER
    there = parts.source.download_run_folder(ref.run_id, FOLDER, held)
    if not there or not all((held / each).is_file() for each in FILES):
        raise InsufficientEvidence(
            f"The run of {ref.label} logged no evaluation set, so there is nothing to compare with."
        )
    return parse(*((held / each).read_bytes() for each in FILES))


def _store(
    parts: Parts, ref: ModelRef, evaluation: EvaluationSet, scores: Scores, table: pa.Table
) -> Monitor:
    columns = reference.watched(evaluation)
    stored = reference.bins(table, columns)
    binned = {each.feature for each in stored}
    binary = evaluation.task == "classification"
    policy = parts.policy(ref.name)
    rules = policy.monitoring if policy else None
    monitor = Monitor(
        monitor_id=new_id(),
        ref=ref,
        granularity=_rhythm(parts, ref, Granularity(rules.window) if rules else Granularity.DAY),
        task=evaluation.task,
        columns=tuple(each for each in columns if each.name in binned),
        reference_sha256=parts.archive.put(reference.to_bytes(table)),
        reference_rows=table.num_rows,
        made_at=parts.store.clock.now(),
        threshold=THRESHOLD if binary else None,
        favourable=_plain(scores) if binary else None,
        segments=_segments(evaluation, rules.segments if rules else ()),
        note=parts.note(ref.name),
    )
    with parts.store.unit(SYSTEM) as unit:
        unit.event(
            "monitor:made", ("version", f"{ref.name}/{ref.version}"), run_id=ref.run_id,
            monitor_id=monitor.monitor_id, reference_sha256=monitor.reference_sha256,
            columns=len(monitor.columns), granularity=monitor.granularity,
        )  # fmt: skip
        parts.windows.begin(unit.session, monitor, stored)
    return monitor


def _rhythm(parts: Parts, ref: ModelRef, usual: Granularity) -> Granularity:
    """Return the model's own rhythm, where its run names one, else the policy's."""
    with parts.store.reading() as session:
        run = parts.registry.run(session, ref.run_id)
    named = run.tags.get(RHYTHM, "") if run else ""
    return Granularity(named) if named in set(Granularity) else usual


def _segments(evaluation: EvaluationSet, wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in wanted if each in evaluation.segments)


def _plain(scores: Scores) -> int | str:
    value = plain(scores.classes[1])
    return value if isinstance(value, str) else int(value)
