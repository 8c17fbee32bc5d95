"""What one window says about one limit."""

import math
from enum import Enum

from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import WindowMetric
from services.standards.policy.watch import AlertRule, Comparison

Z_95 = 1.959963984540054
"""Of the two-sided interval that rates are filed with."""
Z_99 = 2.3263478740408408
"""Of a one-sided bound at 99 %."""
ALPHA = 0.05
SHARES_OF_ROWS = frozenset({"performance.accuracy", "performance.estimated_accuracy"})
SQUARED = frozenset({"drift.psi"})
"""Distances that grow with the square of a difference of shares."""


class Mark(Enum):
    """Where a window stands."""

    CALM = "calm"
    BETWEEN = "between"
    BEYOND = "beyond"
    UNKNOWN = "unknown"


def mark(rule: AlertRule, number: WindowMetric, baseline: float | None, family: int) -> Mark:
    """Tell where one window stands against a limit.

    Parameters
    ----------
    baseline
        What the version showed on its evaluation set, for a limit relative to it.
    family
        How many series are judged together; the noise grows with it.

    Returns
    -------
    Mark
        BEYOND where it is proved, CALM on the inner side of ``resolve_at``, UNKNOWN without enough
        rows, a number or its interval. CALM of a feature that moves with the calendar, whose distance
        says nothing.
    """
    bound = bound_of(rule, baseline)
    if bound is None or not _readable(rule, number):
        return Mark.UNKNOWN
    if number.is_calendar:
        return Mark.CALM
    value = number.value or 0.0
    proof = _proof(rule, number, value)
    if proof is None:
        return Mark.UNKNOWN
    if rule.comparison is Comparison.OVER:
        beyond = proof > bound and value > noise(number, family)
    else:
        beyond = proof < bound
    if beyond:
        return Mark.BEYOND
    return Mark.CALM if _calm(rule, number, value, baseline) else Mark.BETWEEN


def bound_of(rule: AlertRule, baseline: float | None) -> float | None:
    """Return the limit as a number in the unit of the metric; None without the baseline it needs."""
    if rule.comparison is not Comparison.BELOW_BASELINE:
        return rule.limit
    return None if baseline is None or baseline <= 0 else (1 - rule.limit) * baseline


def noise(number: WindowMetric, family: int) -> float:
    """Return what chance alone exceeds in at most 1 of 20 looks at a whole family of series.

    Notes
    -----
    The filed floor holds for one series. Over ``F`` series Bonferroni's level is ``α / F``, and the tail
    of a distance between distribution functions is ``2 exp(−2 n d²)``, so it grows by
    ``sqrt(ln(2 F / α) / ln(2 / α))``; a squared distance by the square of that. Minus infinity where no
    floor is known.

    References
    ----------
    Massart 1990, the tight constant of the Dvoretzky-Kiefer-Wolfowitz inequality; Bonferroni 1936.
    """
    if number.floor is None:
        return -math.inf
    squared = math.log(2 * max(family, 1) / ALPHA) / math.log(2 / ALPHA)
    return number.floor * (squared if number.metric in SQUARED else math.sqrt(squared))


def upper_99(number: WindowMetric) -> float | None:
    """Return the one-sided 99 % upper bound of a performance; None without an interval.

    Notes
    -----
    A share of rows by Wilson's formula; any other by its filed 95 % interval, widened from 1.96 to 2.33
    standard errors.

    References
    ----------
    Wilson 1927.
    """
    value, n = number.value, number.n
    if value is None or n <= 0:
        return None
    if number.metric in SHARES_OF_ROWS:
        spread = Z_99 * math.sqrt(max(value * (1 - value), 0.0) / n + Z_99**2 / (4 * n * n))
        return (value + Z_99**2 / (2 * n) + spread) / (1 + Z_99**2 / n)
    return None if number.hi is None else value + (number.hi - value) * Z_99 / Z_95


def _readable(rule: AlertRule, number: WindowMetric) -> bool:
    value = number.value
    held = number.status is MeasurementStatus.OK and value is not None and math.isfinite(value)
    return held and number.n >= rule.min_n and is_covered(rule, number)


def is_covered(rule: AlertRule, number: WindowMetric) -> bool:
    """Tell whether enough outcomes are known for a number that rests on them."""
    return number.coverage is None or number.coverage >= rule.min_coverage


def _proof(rule: AlertRule, number: WindowMetric, value: float) -> float | None:
    """Return the end that must be beyond the limit."""
    if rule.comparison is Comparison.BELOW_BASELINE:
        return upper_99(number)
    sign = 1.0 if rule.comparison is Comparison.OVER else -1.0
    if rule.sigmas is not None:
        error = _error(number)
        return None if error is None else value - sign * rule.sigmas * error
    end = number.lo if rule.comparison is Comparison.OVER else number.hi
    return value if end is None else end


def _calm(rule: AlertRule, number: WindowMetric, value: float, baseline: float | None) -> bool:
    if rule.comparison is Comparison.BELOW_BASELINE:
        return value >= (1 - rule.resolve_at) * (baseline or 0.0)
    sign = 1.0 if rule.comparison is Comparison.OVER else -1.0
    if sign * value <= sign * rule.resolve_at:
        return True
    error = _error(number)
    if rule.sigmas is None or error is None:
        return False
    return sign * (value - rule.limit) <= rule.sigmas / 2 * error


def _error(number: WindowMetric) -> float | None:
    """Return the standard error behind a filed 95 % interval."""
    if number.lo is None or number.hi is None:
        return None
    return (number.hi - number.lo) / (2 * Z_95)
