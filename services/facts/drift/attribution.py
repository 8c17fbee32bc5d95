"""Whether a model still rests on the features it rested on."""

from collections.abc import Mapping, Sequence

import numpy as np

from services.kernel.error import InsufficientEvidence


def importance_ndcg(reference_order: Sequence[str], importances: Mapping[str, float]) -> float:
    """Return by how much the order of a reference still ranks the importances of a window, in (0, 1].

    Parameters
    ----------
    reference_order
        All features of the window, the most important first; others are passed over.
    importances
        Mean absolute attributions in the window, 0 or more.

    Returns
    -------
    float
        1 where the order is the same; below 0.9 is usually taken for drift.

    Raises
    ------
    InsufficientEvidence
        When a feature is not in the order, or all importances are 0.

    Notes
    -----
    Sum of importances over log2(rank + 1) by the reference's rank, over the same by their own rank.
    Järvelin and Kekäläinen 2002.
    """
    ranked = [importances[name] for name in reference_order if name in importances]
    gains = np.array(ranked, dtype=np.float64)
    if len(gains) < len(importances) or not gains.sum() > 0:
        raise InsufficientEvidence("Importances and the reference's order are of other features.")
    discounts = 1 / np.log2(np.arange(2, len(gains) + 2))
    return float((gains @ discounts) / (np.sort(gains)[::-1] @ discounts))
