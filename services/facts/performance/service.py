"""Measuring how well a version does on its evaluation set."""

from typing import Any

import numpy as np

from services.facts.evidence.types import EvidenceInput, EvidenceKind, Measurement, Reading
from services.facts.performance import answers, figures, statistics
from services.facts.performance.evaluation import EvaluationSet
from services.facts.performance.statistics import LEVEL, Estimate, Floats
from services.kernel.metric import metric

SCHEMA = "performance/1"
THRESHOLD = 0.5


def measure(
    evaluation: EvaluationSet,
    outputs: Floats,
    classes: tuple[Any, ...],
    *,
    seed: int,
    threshold: float = THRESHOLD,
) -> Reading:
    """Measure performance.

    Parameters
    ----------
    outputs
        (n,) or (n, 1) predictions of a regression, else (n, k) probabilities by class.
    classes
        (k,) the classes in the order of the columns of ``outputs``; empty for a regression.
    threshold
        A binary decision is positive from this probability of the second class on, in (0, 1).

    Raises
    ------
    InsufficientEvidence
        When the answers cannot be used; see :mod:`answers`.
    """
    answers.refuse_unusable(evaluation, outputs, classes)
    by_task = {"regression": _regression, "classification": _binary, "multiclass": _multiclass}
    found, payload = by_task[evaluation.task](evaluation, outputs, classes, seed, threshold)
    return Reading(
        kind=EvidenceKind.PERFORMANCE,
        schema=SCHEMA,
        payload={"task": evaluation.task, "n": evaluation.n, **payload},
        measurements=tuple(
            _filed(name, estimate) for name, estimate in found.items() if estimate is not None
        ),
        inputs=(EvidenceInput("evaluation", evaluation.sha256, evaluation.n),),
        parameters={"task": evaluation.task, "threshold": threshold, "target": evaluation.target},
        seed=seed,
    )


def _filed(name: str, estimate: Estimate) -> Measurement:
    level = LEVEL if estimate.lo is not None else None
    return Measurement(
        f"performance.{name}", "", estimate.value, metric(f"performance.{name}").unit, estimate.n,
        estimate.lo, estimate.hi, level, estimate.method,
    )  # fmt: skip


def decisions(outputs: Floats, threshold: float) -> statistics.Truths:
    """Return (n,) True where a binary model says yes."""
    return outputs[:, 1] >= threshold


def _binary(
    evaluation: EvaluationSet,
    outputs: Floats,
    classes: tuple[Any, ...],
    seed: int,
    threshold: float,
) -> tuple[dict[str, Estimate | None], dict[str, Any]]:
    del seed  # every interval here has a formula
    truth = (evaluation.rows[evaluation.target] == classes[1]).to_numpy(dtype=bool)
    scores = outputs[:, 1].astype(np.float64)
    said = decisions(outputs, threshold)
    table = figures.confusion(truth, said)
    payload = {
        "classes": [answers.plain(each) for each in classes],
        "threshold": threshold,
        "confusion": table._asdict(),
        "truth": [int(each) for each in truth],
        "score": [float(each) for each in scores],
    }
    found = {
        "auc": statistics.auc_delong(truth, scores),
        **figures.of_decisions(table),
        **figures.of_probabilities(truth, scores),
    }
    return found, payload


def _multiclass(
    evaluation: EvaluationSet,
    outputs: Floats,
    classes: tuple[Any, ...],
    seed: int,
    threshold: float,
) -> tuple[dict[str, Estimate | None], dict[str, Any]]:
    del threshold  # the likeliest class is chosen
    truth = evaluation.rows[evaluation.target].to_numpy()
    place = {each: index for index, each in enumerate(classes)}
    true = np.array([place[each] for each in truth])
    said = outputs.argmax(axis=1)
    confusion = figures.confusion_matrix(true, said, len(classes))
    likely = figures.likelihood(outputs[np.arange(len(true)), true])
    found: dict[str, Estimate | None] = {
        **figures.of_classes(confusion, seed),
        "log_loss": statistics.mean_t(-np.log(likely)),
    }
    payload = {
        "classes": [answers.plain(each) for each in classes],
        "confusion": confusion.tolist(),
        "likelihood": [float(each) for each in likely],
    }
    return found, payload


def _regression(
    evaluation: EvaluationSet,
    outputs: Floats,
    classes: tuple[Any, ...],
    seed: int,
    threshold: float,
) -> tuple[dict[str, Estimate | None], dict[str, Any]]:
    del classes, seed, threshold
    truth = evaluation.rows[evaluation.target].to_numpy(dtype=np.float64)
    guess = outputs.astype(np.float64).reshape(-1)
    found = figures.of_numbers(truth, guess)
    return found, {"truth": truth.tolist(), "prediction": guess.tolist()}
