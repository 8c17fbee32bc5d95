"""How far chance alone moves a window: what a distance must exceed before it means anything.

Notes
-----
Both samples come from one distribution. A distance above the floor is met in one window of twenty;
with many features at once :func:`family` says which level keeps that promise for all of them together.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from services.facts.drift.statistics import jensen_shannon, psi

LEVEL = 0.95
EXPECTED = 5.0
"""Rows expected in a bin from which on Pearson's approximation holds (Cochran 1954)."""
DRAWS, SEED, UNSEEN = 200, 20, 1_000

Floats = NDArray[np.float64]


def family(features: int, level: float = LEVEL) -> float:
    """Return the level of each feature at which all of them together keep the level (Bonferroni 1936).

    Parameters
    ----------
    features
        How many are looked at, 1 or more.
    """
    return 1.0 - (1.0 - level) / features


def floor(metric: str, n: int, m: int, shares: Floats, level: float = LEVEL) -> float | None:
    """Return the quantile of a distance when nothing moved; None for a distance without a known one.

    Parameters
    ----------
    metric
        A name of the catalogue, ``drift.…``.
    n, m
        Rows with a value in the window and in the reference, 1 or more.
    shares
        Shape (k,), the reference's share of each bin that the distance is made of; of the
        Kolmogorov-Smirnov distance it does not matter.
    level
        In (0, 1).

    Notes
    -----
    Kolmogorov-Smirnov: the limit distribution of Kolmogorov 1933, too wide for features of few values.
    Largest change: Šidák 1967, exact for two levels, too wide by little for more. The index and
    Jensen-Shannon: see :func:`_divergence`.
    """
    if metric == "drift.ks":
        return min(1.0, float(special.kolmogi(1.0 - level)) * float(np.sqrt(1 / n + 1 / m)))
    if metric == "drift.largest_change":
        return _largest(n, m, shares, level)
    if metric in ("drift.psi", "drift.jensen_shannon"):
        return _divergence(metric, n, m, shares, level)
    return None


def share_floor(hits: int, m: int, n: int, level: float = LEVEL) -> float:
    """Return the quantile of a share in a window when nothing moved.

    Parameters
    ----------
    hits, m
        Of the reference: rows counted, and rows.
    n
        Rows of the window, 1 or more.

    Notes
    -----
    Binomial with as many rows as carry the noise of both sides, 1 / (1/n + 1/m), at the reference's
    share with half a row added (Krichevsky and Trofimov 1981).
    """
    rows = max(1, round(n * m / (n + m)))
    share = (hits + 0.5) / (m + 1.0)
    most = float(np.ceil(special.bdtrik(level, rows, share)))
    return min(1.0, most / rows)


def _largest(n: int, m: int, shares: Floats, level: float) -> float:
    """Return t with P(all |p - q| <= t) = level, the changes normal and taken as independent."""
    spread = np.sqrt(shares * (1 - shares) * (1 / n + 1 / m))
    spread = spread[spread > 0]
    spread = spread[:1] if len(spread) == 2 else spread  # both are the same change
    if not len(spread):
        return 0.0
    low, high = 0.0, float(spread.max()) * 10
    for _ in range(60):
        middle = (low + high) / 2
        within = special.erf(middle / (spread * np.sqrt(2.0))).prod()
        low, high = (middle, high) if within < level else (low, middle)
    return min(1.0, high)


def _divergence(metric: str, n: int, m: int, shares: Floats, level: float) -> float | None:
    """Return the quantile of the index or of the Jensen-Shannon distance; None where nobody can tell.

    Notes
    -----
    The index, and eight times the divergence in nats, are Pearson's sum (p - q)^2 / p where enough rows
    are expected in each bin: chi-square with k - 1 degrees times (1/n + 1/m). With rare levels they are
    far from that, and pairs of samples are drawn instead. Where most rows of the reference have a level
    of their own, such as a number of an order, it does not say what others there are.
    """
    held = shares[shares > 0]
    if len(held) == 1:
        return 0.0
    counts = np.rint(held * m)
    if min(n, m) * float(held.min()) < EXPECTED:
        own = float((counts == 1).sum()) / m
        return None if own > 0.5 else _drawn(metric, _two_digits(n), counts.tobytes(), level)
    pearson = (1 / n + 1 / m) * 2 * float(special.gammaincinv((len(held) - 1) / 2, level))
    return pearson if metric == "drift.psi" else min(1.0, float(np.sqrt(pearson / 8 / np.log(2.0))))


def _two_digits(n: int) -> int:
    """Return two leading digits and zeros, so that days of much the same size share their draws."""
    unit = 10 ** max(0, len(str(n)) - 2)
    return n // unit * unit


@lru_cache(maxsize=512)
def _drawn(metric: str, n: int, counts: bytes, level: float) -> float:
    """Return the quantile over pairs of samples, the levels of the first being all that is known."""
    generator, reference = np.random.default_rng(SEED), np.frombuffer(counts)
    chances, m = _population(reference), int(reference.sum())
    held = generator.multinomial(m, chances, size=DRAWS)
    now = generator.multinomial(n, chances, size=DRAWS)
    new = np.where(held, 0, now).sum(axis=1, keepdims=True)
    p = np.hstack([held, np.zeros_like(new)]) / m
    q = np.hstack([np.where(held, now, 0), new]) / n
    distance = psi if metric == "drift.psi" else jensen_shannon
    return float(np.quantile([distance(one, two) for one, two in zip(p, q, strict=True)], level))


def _population(held: Floats) -> Floats:
    """Return the chances of the levels of the reference, and of those it happens not to have.

    Notes
    -----
    With f levels met once and g met twice, all others together are as likely as f rows (Good 1953)
    and there are about f (f - 1) / 2 (g + 1) of them (Chao 1984).
    """
    once, twice, m = int((held == 1).sum()), int((held == 2).sum()), held.sum()
    unseen = min(UNSEEN, once * (once - 1) // (2 * (twice + 1)))
    if not unseen:
        return held / m
    return np.concatenate([held / m * (1 - once / m), np.full(unseen, once / m / unseen)])
