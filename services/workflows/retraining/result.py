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
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Start:
    """What a training that was given the champion began from.

    Attributes
    ----------
    warm
        Whether it went on from it.
    words
        From what of it, or why not; as the script said.
    """

    warm: bool
    words: str


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
    start
        None where the script says nothing of it.
    """

    metrics: Mapping[str, float]
    folds: Mapping[str, tuple[float, ...]]
    start: Start | None = None


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
        start = _start(held.get("start"))
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidInput("out/result.json of the training cannot be read.") from error
    return Result(
        {k: v for k, v in metrics.items() if math.isfinite(v)},
        {k: v for k, v in folds.items() if len(v) > 1 and all(map(math.isfinite, v))},
        start,
    )


def _start(told: Any) -> Start | None:
    if not isinstance(told, dict):
        return None
    return Start(warm=told.get("warm") is True, words=str(told.get("words", ""))[:LONGEST_WORDS])


def begun(said: Start | None, *, wanted: bool) -> Start | None:
    """Return what a training began from; None where its recipe does not go on from the champion."""
    if not wanted:
        return None
    return said or Start(
        warm=False, words="the script does not say that it went on from the champion"
    )


def _fold(values: Any) -> tuple[float, ...]:
    return tuple(float(each) for each in list(values)[:MOST_FOLDS])
