"""When a GPU is enough for several, and when a host of its own is worth it."""

import math

FULL = 0.9


def sharers(busy_p95: float, memory_peak: float) -> int:
    """Return how many such loads one GPU serves beside each other; 1 where it serves no second.

    Parameters
    ----------
    busy_p95, memory_peak
        Shares in [0, 1] of one GPU's time and memory that a load needs.

    Notes
    -----
    Time-sharing adds up: ``k`` loads fit as long as k times the larger share stays within nine tenths.
    """
    need = max(busy_p95, memory_peak)
    return max(1, math.floor(FULL / need + 1e-9)) if need > 0 else 1


def break_even(host_a_month: float, each_request: float) -> float | None:
    """Return from how many requests a month on a host of its own is cheaper than paying for each.

    Parameters
    ----------
    host_a_month, each_request
        Prices in one currency.

    Returns
    -------
    float or None
        ``host / request``; None where a request costs nothing, so that it never is.
    """
    return host_a_month / each_request if each_request > 0 else None
