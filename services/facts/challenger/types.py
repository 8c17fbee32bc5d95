"""The nouns of a comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.facts.challenger.look import Look
from services.facts.evidence.types import Reading
from services.facts.fairness.grouping import Audit
from services.facts.performance.evaluation import EvaluationSet
from services.facts.performance.statistics import Floats

ALPHA = 0.05


class Verdict(StrEnum):
    """What a comparison comes to."""

    BETTER = "better"
    NO_BETTER = "no_better"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two models, and what it answered.

    Attributes
    ----------
    outputs
        (n,) predictions of a regression, else (n, k) probabilities by class.
    classes
        (k,) in the order of the columns; empty for a regression.
    size_bytes
        Of its files; None where nobody counted.
    latency_ms
        Processor time of an answer to one row; None where nobody timed.
    importance
        Mean absolute attribution by feature; None where nobody explained.
    """

    outputs: Floats
    classes: tuple[Any, ...] = ()
    size_bytes: int | None = None
    latency_ms: float | None = None
    importance: Mapping[str, float] | None = None


@dataclass(frozen=True, eq=False)
class Contest:
    """Both models on the same rows.

    Attributes
    ----------
    champion
        None where there is none.
    """

    holdout: EvaluationSet
    challenger: Side
    champion: Side | None


@dataclass(frozen=True)
class Standard:
    """What *better* means.

    Attributes
    ----------
    metric
        Of the performance family; empty for the usual one: AUC, accuracy or R squared.
    min_effect
        A smaller gain is none, in the unit of the metric.
    alpha
        Chance to promote a model that is no better, over all looks together.
    threshold
        From which probability on a binary decision is positive.
    audit
        Groups that must not fare worse; None where the policy asks for none.
    fairness_margin
        By how much an impact ratio may be lower.
    must_show
        Whether *no group fares worse* must be shown by its interval; else a group is in the way only
        when its ratio is seen to be lower by more than the margin, and *not shown* is told.
    calibration_margin
        By how much the calibration error may be larger.
    latency_factor
        How many times as long an answer may take.
    min_n
        Fewer rows decide nothing.
    """

    metric: str = ""
    min_effect: float = 0.0
    alpha: float = ALPHA
    threshold: float = 0.5
    audit: Audit | None = None
    fairness_margin: float = 0.05
    must_show: bool = False
    calibration_margin: float = 0.02
    latency_factor: float = 2.0
    min_n: int = 100


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much the challenger does better; positive is better, whatever the metric's direction.

    Attributes
    ----------
    champion, challenger
        What each reaches, in the unit of the metric.
    lo, hi
        Two-sided at ``level``; ``lo`` above 0 exactly when ``p`` is not above the look's share of alpha.
    p
        One-sided: of a gain at least as large if there were none.
    draws
        Of a bootstrap; 0 where a formula serves.
    """

    metric: str
    champion: float
    challenger: float
    value: float
    lo: float
    hi: float
    level: float
    p: float
    n: int
    method: str
    draws: int = 0


class Holds(StrEnum):
    """Whether the challenger is no worse in something beside the metric."""

    YES = "yes"
    NO = "no"
    NOT_SHOWN = "not_shown"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing in which a challenger must not be worse.

    Attributes
    ----------
    what
        ``fairness``, ``calibration``, ``latency``, ``size`` or ``attribution``.
    words
        One sentence with the numbers.
    decides
        Whether anything but *yes* stands in the way.
    """

    what: str
    holds: Holds
    words: str
    decides: bool = True


@dataclass(frozen=True)
class Comparison:
    """What came of it.

    Attributes
    ----------
    reason
        One sentence.
    gain
        None where it cannot be told.
    reading
        The ``training_report`` to be filed; None where the challenger answered nothing usable.
    """

    verdict: Verdict
    reason: str
    gain: Gain | None
    checks: tuple[Check, ...]
    look: Look
    reading: Reading | None


@dataclass(frozen=True)
class Training:
    """How the challenger came about: what a report says beside the comparison.

    Attributes
    ----------
    metrics
        As the script logged them; not measured by us.
    folds
        Of a metric its value on each fold of the training rows; as the script logged them.
    data_sha256, data_rows
        Of the rows it learned from.
    begun
        What it began from, where its recipe goes on from the champion: ``warm`` and ``words``; empty
        where it does not.
    wall_seconds, gpu_hours, cost
        Over all attempts, cost as a decimal text with ``currency``; None where nobody knows. They stand
        beside the payload, which holds nothing that another run of the same inputs would change.
    """

    recipe: str
    recipe_version: int
    recipe_sha256: str
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    engine: str = ""
    data_sha256: str = ""
    data_rows: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    attempts: int = 1
    wall_seconds: float | None = None
    gpu_hours: float | None = None
    cost: str | None = None
    currency: str = ""
    folds: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    begun: Mapping[str, Any] = field(default_factory=dict[str, Any])
