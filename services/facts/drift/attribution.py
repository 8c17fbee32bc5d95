"""Whether a model still rests on the features it rested on."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.kernel.error import InsufficientEvidence

DRAWS, SEED, LEVEL = 1_000, 20_130_301, 0.95


class Agreement(NamedTuple):
    """How well the order of a reference still ranks a window, and where it lies in 95 of 100 draws."""

    value: float
    lo: float
    hi: float


def agreement(
    reference_order: Sequence[str], features: Sequence[str], attributions: NDArray[np.float64]
) -> Agreement:
    """Return the agreement of a window's attributions with the order of a reference.

    Parameters
    ----------
    attributions
        Of each row and feature, shape (n, k); n at least 1.

    Raises
    ------
    InsufficientEvidence
        As :func:`importance_ndcg`.

    Notes
    -----
    Percentile bootstrap over the rows, with a fixed seed; the same rows give the same ends.
    Efron 1979.
    """
    weights = np.abs(attributions)
    value = importance_ndcg(reference_order, _means(features, weights.mean(axis=0)))
    n = len(weights)
    generator = np.random.default_rng(SEED)
    shares = generator.multinomial(n, np.full(n, 1 / n), size=DRAWS) / n
    place = {name: index for index, name in enumerate(features)}
    order = [place[name] for name in reference_order if name in place]
    gains = (shares @ weights)[:, order]
    discounts = 1 / np.log2(np.arange(2, gains.shape[1] + 2))
    best = -np.sort(-gains, axis=1) @ discounts
    drawn = np.divide(gains @ discounts, best, out=np.ones(DRAWS), where=best > 0)
    ends = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Agreement(value, min(value, float(ends[0])), max(value, float(ends[1])))


def _means(features: Sequence[str], means: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(features, map(float, means), strict=True))


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
