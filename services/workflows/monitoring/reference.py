"""What a monitor compares with: the evaluation set and the version's own answers to it."""

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from services.facts.drift import codec, rules
from services.facts.drift.types import Binning, Profile
from services.facts.performance.answers import plain, refuse_unusable
from services.facts.performance.evaluation import EvaluationSet
from services.facts.performance.service import THRESHOLD
from services.facts.prediction.columns import label, labels, numbers
from services.facts.scoring.types import Scores
from services.facts.window.types import StoredBinning, Watched
from services.kernel.error import InsufficientEvidence

NUMBER, CATEGORY = "number", "category"
SIGNATURE, CLASSES = b"countersign.signature", b"countersign.classes"


@dataclass(frozen=True)
class Reference:
    """The reference of one monitor, as its worker holds it.

    Attributes
    ----------
    table
        As the prediction log names columns: ``f_…``, ``s_…``, score, prediction, outcome.
    """

    table: pa.Table
    binnings: dict[str, Binning]
    profiles: dict[str, Profile]


def tabulate(evaluation: EvaluationSet, scores: Scores, signature: str | None) -> pa.Table:
    """Return the reference as a table of the prediction log's columns.

    Parameters
    ----------
    signature
        Of the model's inputs, kept with the table; None where the model has none.

    Raises
    ------
    InsufficientEvidence
        When the version's answers cannot be used; see :mod:`services.facts.performance.answers`.
    """
    refuse_unusable(evaluation, scores.outputs, scores.classes)
    columns: dict[str, Any] = {
        f"f_{name}": evaluation.rows[name].to_numpy() for name in evaluation.features
    }
    columns |= {f"s_{name}": evaluation.rows[name].astype(str) for name in evaluation.segments}
    columns |= _answers(evaluation, scores)
    columns["outcome"] = evaluation.rows[evaluation.target].to_numpy()
    table = pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False)
    kept = {SIGNATURE: signature.encode()} if signature else {}
    if evaluation.task == "multiclass":
        kept[CLASSES] = json.dumps([plain(each) for each in scores.classes]).encode()
    return table.replace_schema_metadata(kept or None)


def classes(table: pa.Table) -> tuple[str, ...]:
    """Return the names of a multiclass model's classes, in the order of its scores.

    Returns
    -------
    tuple
        Empty where nobody can tell: of a reference that does not say them they are read from its own
        answers, whose class is the one with the largest score, and each must have been said once.
    """
    told = (table.schema.metadata or {}).get(CLASSES)
    if told is not None:
        return tuple(str(label(each)) for each in json.loads(told))
    if "scores" not in table.column_names or not table.num_rows:
        return ()
    likely = np.array(table.column("scores").to_pylist()).argmax(axis=1)
    said = dict(zip(likely.tolist(), labels(table, "prediction"), strict=True))
    wide = len(table.column("scores")[0])
    return tuple(said[each] for each in range(wide)) if len(said) == wide else ()


def _answers(evaluation: EvaluationSet, scores: Scores) -> dict[str, Any]:
    if evaluation.task == "regression":
        return {"prediction": scores.outputs.reshape(-1).astype(np.float64)}
    classes = [plain(each) for each in scores.classes]
    if evaluation.task == "classification":
        score = scores.outputs[:, 1].astype(np.float64)
        said = [classes[int(each >= THRESHOLD)] for each in score]
        return {"score": score, "prediction": said}
    likely = scores.outputs.argmax(axis=1)
    return {
        "score": scores.outputs.max(axis=1).astype(np.float64),
        "prediction": [classes[int(each)] for each in likely],
        "scores": scores.outputs.astype(np.float64).tolist(),
    }


def watched(evaluation: EvaluationSet) -> tuple[Watched, ...]:
    """Return the columns to watch, the features in their order, then the model's own."""
    found = [
        Watched(name, f"f_{name}", _kind(evaluation.rows[name])) for name in evaluation.features
    ]
    own = NUMBER if evaluation.task == "regression" else CATEGORY
    if evaluation.task != "regression":
        found.append(Watched("score", "score", NUMBER))
    return (*found, Watched("prediction", "prediction", own), Watched("outcome", "outcome", own))


def _kind(column: pd.Series) -> str:
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return NUMBER if is_number else CATEGORY


def bins(table: pa.Table, columns: tuple[Watched, ...]) -> tuple[StoredBinning, ...]:
    """Return the frozen bins of each watched column; one without a value cannot be watched."""
    found: list[StoredBinning] = []
    for each in columns:
        try:
            binning = _binning(table, each)
        except InsufficientEvidence:
            continue
        profile = profile_of(table, each, binning)
        found.append(
            StoredBinning(each.name, codec.pack_binning(binning), codec.pack_profile(profile))
        )
    return tuple(found)


def _binning(table: pa.Table, column: Watched) -> Binning:
    if column.kind == CATEGORY:
        return rules.category_binning(list(labels(table, column.column)))
    return rules.numeric_binning(numbers(table, column.column))


def profile_of(table: pa.Table, column: Watched, binning: Binning) -> Profile:
    """Return the profile of one watched column of a table; of one that is absent, all missing.

    Notes
    -----
    Senders and training code write one level of a category in several ways; it has one name here.
    """
    if column.column not in table.column_names:
        return Profile(np.zeros(binning.bins, dtype=np.int64), nulls=table.num_rows)
    if column.kind == CATEGORY:
        held = pa.chunked_array([pa.array(labels(table, column.column), pa.string())])
    else:
        held = table.column(column.column)
    batches = [pa.record_batch({column.name: each}) for each in held.chunks]
    parts = [rules.profile_batch(each, {column.name: binning})[column.name] for each in batches]
    return rules.merge([rules.empty(binning), *parts])


def to_bytes(table: pa.Table) -> bytes:
    """Return a table as Parquet; the same table gives the same bytes."""
    held = io.BytesIO()
    pq.write_table(table, held, compression="zstd")
    return held.getvalue()


def from_bytes(data: bytes, stored: dict[str, StoredBinning]) -> Reference:
    """Return the reference that a monitor was made from."""
    binnings = {name: codec.unpack_binning(each.binning) for name, each in stored.items()}
    profiles = {name: codec.unpack_profile(each.reference) for name, each in stored.items()}
    return Reference(pq.read_table(io.BytesIO(data)), binnings, profiles)
