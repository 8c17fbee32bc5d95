"""What a version answered, and whether anything can be measured on it."""

from typing import Any

import numpy as np

from services.facts.performance.evaluation import EvaluationSet
from services.facts.performance.statistics import Floats
from services.kernel.error import InsufficientEvidence

ROUNDING = 1e-6
LARGEST = 1e70
"""Larger numbers cannot be raised to the fourth power, which the interval of a square needs."""


def refuse_unusable(evaluation: EvaluationSet, outputs: Floats, classes: tuple[Any, ...]) -> None:
    """Refuse answers that nothing can be measured on: neither performance nor groups.

    Raises
    ------
    InsufficientEvidence
        When there is not one answer a row, an answer is not finite, probabilities lie outside
        [0, 1] or are not one a class, or the truth has a class that the version does not know.
    """
    answered = outputs.shape[0] if outputs.ndim else 1
    if answered != evaluation.n:
        raise InsufficientEvidence(
            f"The version answered {answered:,} times to {evaluation.n:,} rows."
        )
    if outputs.dtype.kind == "f" and not np.isfinite(outputs).all():
        raise InsufficientEvidence("The version answered with numbers that are not finite.")
    if evaluation.task != "regression":
        _refuse_scores(evaluation, outputs, classes)
    elif outputs.size != evaluation.n:
        raise InsufficientEvidence("A regression needs one number a row.")
    elif max(abs(outputs).max(), abs(evaluation.rows[evaluation.target]).max()) > LARGEST:
        raise InsufficientEvidence("The errors are too large to be squared; change the unit.")


def _refuse_scores(evaluation: EvaluationSet, outputs: Floats, classes: tuple[Any, ...]) -> None:
    binary = evaluation.task == "classification"
    wanted = 2 if binary else len(classes)
    if outputs.ndim != 2 or not outputs.shape[1] == len(classes) == wanted:
        count = "two classes" if binary else "its classes"
        raise InsufficientEvidence(f"A classification needs a probability for each of {count}.")
    if outputs.min() < -ROUNDING or outputs.max() > 1 + ROUNDING:
        raise InsufficientEvidence("The version answered with probabilities outside 0 to 1.")
    if not all(isinstance(each, str | int | float) for each in map(plain, classes)):
        raise InsufficientEvidence("The classes of a version must be texts or numbers.")
    known = set(classes)
    for each in evaluation.rows[evaluation.target].unique():
        if each not in known:
            raise InsufficientEvidence(f"The version does not know the class {plain(each)!r}.")


def plain(value: Any) -> Any:
    """Return a class as JSON and a sentence can hold it."""
    return value.item() if hasattr(value, "item") else value
