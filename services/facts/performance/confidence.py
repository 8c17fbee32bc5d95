"""How sure a model of several classes is of its answer, and whether the answer was right.

Notes
-----
Once calibrated, the largest of the classes' probabilities is the chance that the answer is right, so
that its mean is the expected accuracy: confidence-based estimation for more than two classes. Which
class is how often mistaken for which it does not say.
"""

import numpy as np
import pyarrow as pa

from services.facts.performance.scores import ScoreProfile, score_profile
from services.facts.performance.statistics import Floats
from services.facts.prediction.columns import answered, known, labels, numbers


def confidence_profile(table: pa.Table) -> ScoreProfile:
    """Return the profile of rows by confidence: every answer is a promise, and a right one is kept.

    Parameters
    ----------
    table
        With ``scores``, a list by class, or ``score``, the largest of them.
    """
    rows = answered(table)
    truth, said = labels(rows, "outcome"), labels(rows, "prediction")
    told = known(truth) & known(said)
    right = np.where(told, (truth == said).astype(np.float64), np.nan)
    return score_profile(largest(rows), np.ones(rows.num_rows, dtype=bool), right)


def largest(table: pa.Table) -> Floats:
    """Return the probability of the likeliest class by row, shape (n,); NaN where none is known."""
    found = numbers(table, "score")
    if "scores" not in table.column_names or pa.types.is_null(table.schema.field("scores").type):
        return found
    lists = table.column("scores").combine_chunks()
    most = np.full(table.num_rows, -np.inf)
    rows = np.asarray(lists.value_parent_indices())
    values = np.asarray(lists.flatten().to_numpy(zero_copy_only=False), dtype=np.float64)
    np.fmax.at(most, rows, values)
    return np.where(np.isfinite(most), most, found)
