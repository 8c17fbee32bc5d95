"""What a script leaves when it ended well: its figures, those of its folds, and the model beside them."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.kernel.error import InsufficientEvidence, InvalidInput

MODEL, RESULT = "model", "result.json"
UNFINISHED = "It ended well and left no out/result.json and out/model; see its log."
MOST_FOLDS = 100


@dataclass(frozen=True)
class Result:
    """What a script said of its result.

    Attributes
    ----------
    metrics
        Finite numbers by name.
    folds
        Of each metric its value on each fold of the training rows, two at least; empty where none were
        logged.
    """

    metrics: Mapping[str, float]
    folds: Mapping[str, tuple[float, ...]]


def result_of(out: Path) -> Result:
    """Return what a script said of its result.

    Raises
    ------
    InsufficientEvidence
        When there is none, or no model beside it.
    InvalidInput
        When it cannot be read.
    """
    path = out / RESULT
    if not path.is_file() or not (out / MODEL / "MLmodel").is_file():
        raise InsufficientEvidence(UNFINISHED)
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        metrics = {str(k): float(v) for k, v in dict(held.get("metrics", {})).items()}
        folds = {str(k): _fold(v) for k, v in dict(held.get("folds") or {}).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidInput("out/result.json of the training cannot be read.") from error
    return Result(
        {k: v for k, v in metrics.items() if math.isfinite(v)},
        {k: v for k, v in folds.items() if len(v) > 1 and all(map(math.isfinite, v))},
    )


def _fold(values: Any) -> tuple[float, ...]:
    return tuple(float(each) for each in list(values)[:MOST_FOLDS])
