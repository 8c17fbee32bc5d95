"""The training report: how a model came about, and every raw answer that its comparison rests on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.facts.challenger import figures
from services.facts.challenger.look import Look
from services.facts.challenger.types import Check, Contest, Gain, Side, Standard, Training
from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    MeasurementStatus,
    Reading,
    segment,
)
from services.facts.performance import statistics
from services.facts.performance.answers import plain
from services.kernel.metric import metric

SCHEMA = "training_report/1"


@dataclass(frozen=True)
class Beside:
    """What was looked at beside the gain.

    Attributes
    ----------
    tables
        Counts of both models' decisions by group, for each attribute.
    calibration, attribution
        As the payload has them; None where there is none.
    """

    checks: tuple[Check, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    tables: Mapping[str, Any] | None = None
    calibration: Mapping[str, float] | None = None
    attribution: Mapping[str, Any] | None = None


def make(
    contest: Contest,
    standard: Standard,
    look: Look,
    training: Training,
    gain: Gain | None,
    beside: Beside,
    *,
    seed: int,
) -> Reading:
    """Return the report as it is filed.

    Notes
    -----
    The payload holds no time, no id and no duration: what was timed or paid stands in the numbers beside
    it, and the verdict, which may rest on a time, in the parameters.
    """
    holdout = contest.holdout
    payload = {
        "task": holdout.task,
        "n": holdout.n,
        "metric": gain.metric if gain else standard.metric or figures.USUAL[holdout.task],
        "standard": _standard(standard, look),
        "answers": _answers(contest),
        "figures": {
            "challenger": _figures(contest, contest.challenger, standard),
            "champion": _figures(contest, contest.champion, standard) if contest.champion else None,
        },
        "gain": _gain(gain),
        "fairness": dict(beside.tables or {}),
        "calibration": beside.calibration,
        "attribution": beside.attribution,
        "size": {
            "challenger": contest.challenger.size_bytes,
            "champion": contest.champion.size_bytes if contest.champion else None,
        },
        "training": _training(training),
    }
    inputs = [EvidenceInput("holdout", holdout.sha256, holdout.n)]
    if training.data_sha256:
        inputs.append(EvidenceInput("training", training.data_sha256, training.data_rows))
    return Reading(
        kind=EvidenceKind.TRAINING_REPORT,
        schema=SCHEMA,
        payload=payload,
        measurements=(
            *_numbers(gain, look, holdout.n),
            *beside.measurements,
            *_trained(training),
        ),
        inputs=tuple(inputs),
        parameters={
            "checks": [
                {"what": c.what, "holds": c.holds.value, "words": c.words} for c in beside.checks
            ],
            "engine": training.engine,
            **({"start": dict(training.begun)} if training.begun else {}),
        },
        seed=seed,
    )


def _standard(standard: Standard, look: Look) -> dict[str, Any]:
    audit = standard.audit
    return {
        "min_effect": standard.min_effect,
        "alpha": standard.alpha,
        "looks": {"number": look.number, "limit": look.limit},
        "threshold": standard.threshold,
        "fairness_margin": standard.fairness_margin if audit else None,
        "must_show": standard.must_show,
        "favourable": plain(audit.favourable) if audit else None,
        "min_group": audit.min_n if audit else None,
        "calibration_margin": standard.calibration_margin,
        "min_n": standard.min_n,
    }


def _answers(contest: Contest) -> dict[str, Any]:
    """Return truth and answers row by row, in the order of the holdout."""
    holdout, challenger, champion = contest.holdout, contest.challenger, contest.champion
    truth = holdout.rows[holdout.target].to_numpy()
    if holdout.task == "regression":
        return {
            "truth": truth.astype(np.float64).tolist(),
            "challenger": _flat(challenger),
            "champion": _flat(champion) if champion else None,
        }
    place = {each: index for index, each in enumerate(challenger.classes)}
    both = (_probabilities(challenger), _probabilities(champion) if champion else None)
    return {
        "classes": [plain(each) for each in challenger.classes],
        "truth": [place[each] for each in truth],
        "challenger": both[0],
        "champion": both[1],
    }


def _flat(side: Side) -> list[float]:
    return side.outputs.astype(np.float64).reshape(-1).tolist()


def _probabilities(side: Side) -> list[Any]:
    held = side.outputs.astype(np.float64)
    return (held[:, 1] if held.shape[1] == 2 else held).tolist()


def _figures(contest: Contest, side: Side, standard: Standard) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name in figures.names(contest.holdout.task):
        if name == "performance.auc":
            positive = contest.holdout.rows[contest.holdout.target] == side.classes[1]
            truth, scores = positive.to_numpy(dtype=bool), side.outputs[:, 1].astype(np.float64)
            found[name] = statistics.auc_delong(truth, scores).value
        else:
            value = figures.row_sums(name, contest.holdout, side, standard.threshold).value
            found[name] = value if np.isfinite(value) else None
    return found


def _gain(gain: Gain | None) -> dict[str, Any] | None:
    if gain is None:
        return None
    held = asdict(gain)
    del held["n"], held["metric"]
    return {**held, "lo": _finite(gain.lo), "hi": _finite(gain.hi)}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _training(training: Training) -> dict[str, Any]:
    folds = {name: list(values) for name, values in sorted(training.folds.items())}
    return {
        "recipe": training.recipe,
        "recipe_version": training.recipe_version,
        "recipe_sha256": training.recipe_sha256,
        "parameters": dict(training.parameters),
        "data": {"sha256": training.data_sha256, "rows": training.data_rows},
        "metrics": {
            name: value for name, value in sorted(training.metrics.items()) if np.isfinite(value)
        },
        **({"folds": folds} if folds else {}),
        **({"start": dict(training.begun)} if training.begun else {}),
    }


def _numbers(gain: Gain | None, look: Look, n: int) -> list[Measurement]:
    looks = Measurement("challenger.looks", "", float(look.number), "1", look.limit, method="count")
    if gain is None:
        missing = MeasurementStatus.NOT_ESTIMABLE
        return [Measurement("challenger.gain", "", None, "metric", n, status=missing), looks]
    where = segment(metric=gain.metric)
    unit = metric(gain.metric).unit
    return [
        Measurement(
            "challenger.gain", where, gain.value, unit, gain.n, _finite(gain.lo),
            _finite(gain.hi), gain.level, gain.method,
        ),
        Measurement("challenger.gain_p", where, gain.p, "1", gain.n, method=gain.method),
        looks,
    ]  # fmt: skip


def _trained(training: Training) -> list[Measurement]:
    found = [
        Measurement("training.rows", "", float(training.data_rows), "1", training.data_rows, method="count"),
        Measurement("training.attempts", "", float(training.attempts), "1", training.attempts, method="count"),
    ]  # fmt: skip
    for name, values in sorted(training.folds.items()):
        where, n = segment(metric=name), len(values)
        spread = float(np.std(values, ddof=1))
        found += [
            Measurement("training.fold_mean", where, float(np.mean(values)), "metric", n, method="mean"),
            Measurement("training.fold_spread", where, spread, "metric", n, method="sd"),
        ]  # fmt: skip
    timed = {"wall_seconds": ("s", training.wall_seconds), "gpu_hours": ("h", training.gpu_hours)}
    for name, (unit, value) in timed.items():
        if value is not None:
            found.append(
                Measurement(f"training.{name}", "", value, unit, training.attempts, method="engine")
            )
    if training.cost is not None:
        found.append(
            Measurement(
                "training.cost", "", float(training.cost), training.currency, training.attempts,
                method="ledger",
            )
        )  # fmt: skip
    return found
