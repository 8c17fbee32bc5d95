"""Which answers a person should look at: unsure ones, and ones that others contradicted."""

import math

import numpy as np
import pyarrow as pa

from services.facts.prediction import columns


def to_label(held: pa.Table, most: int, threshold: float = 0.5) -> pa.Table:
    """Return answers without an outcome that teach the most, the most telling first.

    Parameters
    ----------
    held
        Days as the reader gives them.
    threshold
        Where the answer changes; the nearer a score, the less sure the answer.

    Returns
    -------
    The columns of ``held`` and ``reason``: ``disagreement`` where a person overruled the model, or
    another version or arm answered otherwise to the same input; else ``low confidence``. Answers
    without a score are there only when there is disagreement.

    Notes
    -----
    Uncertainty sampling: rows by the distance of the score from the threshold, then by id. Lewis and Gale, *A sequential
    algorithm for training text classifiers*, SIGIR 1994. Of more than two classes by half the margin between the two
    likeliest ones, which is the same distance where there are two. Scheffer et al., *Active hidden Markov models*, IDA 2001.
    """
    unknown = np.asarray(
        held.column("outcome").is_null().combine_chunks().to_numpy(zero_copy_only=False)
    )
    distance = _distance(held, threshold)
    disagreeing = _overruled(held) | _contradicted(held)
    wanted = np.flatnonzero(unknown & (disagreeing | ~np.isnan(distance)))
    ids = np.asarray(held.column("prediction_id").to_pylist(), dtype=object)[wanted]
    order = np.lexsort(
        (ids.astype(str), np.nan_to_num(distance[wanted], nan=0.0), ~disagreeing[wanted])
    )
    chosen = wanted[order][:most]
    reasons = np.where(disagreeing[chosen], "disagreement", "low confidence")
    return held.take(pa.array(chosen)).append_column(
        "reason", pa.array(reasons.tolist(), pa.string())
    )


def _distance(held: pa.Table, threshold: float) -> columns.Floats:
    """Return how far each answer is from another one; NaN without a score, shape (n,)."""
    found = np.abs(columns.numbers(held, "score") - threshold)
    if "scores" not in held.column_names:
        return found
    for place, given in enumerate(held.column("scores").to_pylist()):
        known = sorted(each for each in given or () if each is not None and math.isfinite(each))
        if len(known) > 2:
            found[place] = (known[-1] - known[-2]) / 2
    return found


def _overruled(held: pa.Table) -> columns.Truths:
    return columns.labels(held, "overridden") == "1"


def _contradicted(held: pa.Table) -> columns.Truths:
    """Return whether the same input was answered in several ways; shape (n,)."""
    inputs, said = columns.labels(held, "input_sha256"), columns.labels(held, "prediction")
    answers: dict[str, set[str]] = {}
    for each, answer in zip(inputs, said, strict=True):
        if each is not None and answer is not None:
            answers.setdefault(each, set()).add(answer)
    return np.array([len(answers.get(each, ())) > 1 for each in inputs], dtype=bool)
