"""Small evaluation sets, and the one number wanted out of a reading."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.facts.evidence.types import Measurement, Reading
from services.facts.performance.evaluation import EvaluationSet, parse

Bools = npt.NDArray[np.bool_]
Cells = tuple[int, int, int, int]


def parquet(rows: pd.DataFrame) -> bytes:
    held = io.BytesIO()
    rows.to_parquet(held, index=False)
    return held.getvalue()


def evaluation(rows: Mapping[str, Sequence[Any]] | pd.DataFrame, **meaning: Any) -> EvaluationSet:
    schema = {"task": "classification", "target": "y", **meaning}
    return parse(json.dumps(schema).encode(), parquet(pd.DataFrame(rows)))


def named(reading: Reading, metric: str, segment: str = "") -> Measurement:
    found = [m for m in reading.measurements if (m.metric, m.segment) == (metric, segment)]
    assert len(found) == 1, f"{metric} of {segment!r} was filed {len(found)} times"
    return found[0]


def value(reading: Reading, metric: str, segment: str = "") -> float:
    held = named(reading, metric, segment).value
    assert held is not None
    return held


def people(cells: Sequence[tuple[str | None, Cells]]) -> tuple[EvaluationSet, Bools]:
    """Return the rows and the decisions of groups given as (tp, fp, fn, tn)."""
    groups: list[str | None] = []
    truth: list[int] = []
    chosen: list[bool] = []
    for group, (tp, fp, fn, tn) in cells:
        groups += [group] * (tp + fp + fn + tn)
        truth += [1] * tp + [0] * fp + [1] * fn + [0] * tn
        chosen += [True] * (tp + fp) + [False] * (fn + tn)
    return evaluation({"y": truth, "race": groups}, protected=["race"]), np.array(chosen)
