"""Ratios of selection rates: intervals and tests on integer counts."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

LEVEL = 0.95
SMALLEST_EXPECTED = 5


def katz(
    chosen: int, n: int, reference_chosen: int, reference_n: int
) -> tuple[float, float, float] | None:
    """Return a ratio of two shares with Katz' interval on the logarithm.

    Parameters
    ----------
    chosen, n, reference_chosen, reference_n
        Counts of the group and of the reference group.

    Returns
    -------
    tuple or None
        Value, lower and upper end; the value is 1 where both rates are equal. None when a rate is 0.

    References
    ----------
    Katz, Baptista, Azen and Pike 1978, method C.
    """
    if not chosen or not reference_chosen:
        return None
    ratio = (chosen / n) / (reference_chosen / reference_n)
    spread = float(stats.norm.ppf(0.5 + LEVEL / 2)) * math.sqrt(
        1 / chosen - 1 / n + 1 / reference_chosen - 1 / reference_n
    )
    return ratio, ratio * math.exp(-spread), ratio * math.exp(spread)


def none_chosen(n: int) -> float:
    """Return the largest share that agrees with nobody chosen of some.

    Parameters
    ----------
    n
        Rows of the group, 1 or more.

    Notes
    -----
    The upper end of the two-sided exact interval for 0 of n, in closed form: the share p of which
    nobody is chosen with a chance of (1 - level) / 2, (1 - p)^n = 0.025, hence p = 1 - 0.025^(1/n).
    At 0.05, one-sided, this is the rule of three, p = 3/n; two-sided it is about 3.7/n. A ratio
    to a reference divides it by the reference's rate, taken as it was seen.

    References
    ----------
    Clopper and Pearson 1934; Hanley and Lippman-Hand 1983 for the rule of three.
    """
    return 1.0 - ((1 - LEVEL) / 2) ** (1 / n)


def equal_rates_p(chosen: int, n: int, reference_chosen: int, reference_n: int) -> float:
    """Return the two-sided p-value of equal selection rates.

    Notes
    -----
    Pearson's chi-square without correction; Fisher's exact test when an expected count is below 5.
    """
    table = np.array([[chosen, n - chosen], [reference_chosen, reference_n - reference_chosen]])
    if not table.sum(axis=0).all():
        return 1.0
    expected = stats.contingency.expected_freq(table)
    if expected.min() < SMALLEST_EXPECTED:
        exact: Any = stats.fisher_exact(table)
        return float(exact.pvalue)
    squared: Any = stats.chi2_contingency(table, correction=False)
    return float(squared.pvalue)


def holm(values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number (Holm 1979), in the order given."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    adjusted, floor = [0.0] * len(values), 0.0
    for rank, index in enumerate(order):
        floor = max(floor, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = floor
    return adjusted


def below_four_fifths(chosen: int, n: int, reference_chosen: int, reference_n: int) -> bool:
    """Tell whether a rate is below four fifths of another, in whole numbers: exactly 4/5 is not."""
    return 5 * chosen * reference_n < 4 * reference_chosen * n
