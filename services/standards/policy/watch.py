"""The nouns of limits on production: a rule, and how a model is watched."""

from dataclasses import dataclass, replace
from enum import StrEnum

from services.kernel.identity import Tier
from services.kernel.metric import metric

GRANULARITIES = ("5min", "hour", "day", "month", "year")
MIN_N = 200
LABEL_DAYS = 30
LABEL_COVERAGE = 0.5
HYSTERESIS = 0.8
"""The share of a limit at which an alert resolves where a rule names no ``resolve_at``."""


class Severity(StrEnum):
    """How much it matters that a rule fires."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return how much, 0 to 2."""
        return list(Severity).index(self)

    def at(self, tier: Tier) -> "Severity":
        """Return what it is for a tier: one step less for low, one more for high and critical."""
        step = {Tier.LOW: -1, Tier.MEDIUM: 0}.get(tier, 1)
        return list(Severity)[min(max(self.rank + step, 0), 2)]


class Comparison(StrEnum):
    """What a rule holds a number against."""

    OVER = "over"
    UNDER = "under"
    BELOW_BASELINE = "below_baseline"
    BEYOND_TARGET = "beyond_target"
    SILENT_HOURS = "silent_hours"


class Then(StrEnum):
    """What people are asked for when a rule fires; production never moves by itself."""

    NONE = "none"
    REVIEW = "review"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One limit on production.

    Attributes
    ----------
    limit
        In the unit of the metric; with ``below_baseline`` the relative drop, in (0, 1); with
        ``beyond_target`` how far a figure may miss its own target, relative to it.
    resolve_at
        Where an open alert is calm again, on the inner side of the limit and in its unit.
    least, of
        How many of how many windows in a row must be beyond the limit.
    min_n
        A window of fewer rows says nothing.
    by
        Attributes whose groups are judged, each alone; empty for all rows together.
    feature
        The only feature judged; None for each there is.
    sigmas
        How many standard errors beyond the limit; None for the end of the interval as it is filed.
    granularity
        Of the windows judged; None for the model's own rhythm.
    min_coverage
        Of what rests on outcomes: the share of rows whose outcome must be known, in [0, 1]. Those
        that are known first, or at all, are seldom like the others.
    """

    id: str
    metric: str
    comparison: Comparison
    limit: float
    resolve_at: float
    least: int = 1
    of: int = 1
    min_n: int = MIN_N
    by: tuple[str, ...] = ()
    feature: str | None = None
    sigmas: float | None = None
    severity: Severity = Severity.WARNING
    channels: tuple[str, ...] = ()
    cooldown_hours: float = 24.0
    runbook: str = ""
    then: Then = Then.NONE
    granularity: str | None = None
    min_coverage: float = 0.0

    @property
    def sentence(self) -> str:
        """Return what is watched, in words."""
        words = metric(self.metric).words
        if self.feature:
            words += f" of {self.feature}"
        if self.by:
            words += " by " + ", ".join(name.replace("*", " and ") for name in self.by)
        return words

    @property
    def words(self) -> str:
        """Return when it fires, in words: ``over 0.2, 2 of 3 windows``."""
        limit = f"{self.comparison.value.replace('_', ' ')} {self.limit:,g}"
        if self.sigmas is not None:
            limit += f" by {self.sigmas:g} standard errors"
        return limit if self.of == 1 else f"{limit}, {self.least} of {self.of} windows"


@dataclass(frozen=True, slots=True)
class Monitoring:
    """How the models of a policy are watched.

    Attributes
    ----------
    window
        hour, day, month or year, for versions that name no rhythm of their own.
    segments
        Segment columns that are profiled by themselves.
    label_days
        How far back windows are judged whose outcomes come late.
    label_coverage
        Performance is judged in windows where at least this share of outcomes is known.
    min_n
        Fewer rows are too few, where a rule does not say otherwise.
    remind_hours
        How often an alert that nobody acknowledged is told again; 0 is never, None goes by tier.
    rules
        None for the rules of good practice, with severities by tier.
    """

    window: str = "day"
    segments: tuple[str, ...] = ()
    label_days: int = LABEL_DAYS
    label_coverage: float = LABEL_COVERAGE
    min_n: int = MIN_N
    remind_hours: int | None = None
    rules: tuple[AlertRule, ...] | None = None

    def rules_for(self, tier: Tier) -> tuple[AlertRule, ...]:
        """Return the rules that hold for a tier."""
        rules = self.rules
        if rules is None:
            rules = tuple(replace(rule, severity=rule.severity.at(tier)) for rule in DEFAULT_RULES)
        return tuple(replace(each, min_coverage=self.label_coverage) for each in rules)

    def reminds_after(self, tier: Tier) -> int:
        """Return the hours between reminders; 0 for never."""
        if self.remind_hours is not None:
            return self.remind_hours
        return {Tier.LOW: 0, Tier.MEDIUM: 72, Tier.HIGH: 24, Tier.CRITICAL: 4}[tier]


def calm_at(comparison: Comparison, limit: float, unit: str) -> float:
    """Return where an alert is calm again when nobody says.

    Notes
    -----
    Eight tenths of what may not be exceeded. Below a limit from above, a fifth of the way to 1 for a
    share, else a fifth of the limit: 0.70 → 0.76, 40 → 48.
    """
    if comparison is Comparison.UNDER:
        room = 1 - limit if unit == "1" and limit <= 1 else abs(limit)
        return limit + (1 - HYSTERESIS) * room
    if comparison in (Comparison.SILENT_HOURS, Comparison.BEYOND_TARGET):
        return limit
    return limit - (1 - HYSTERESIS) * abs(limit)


def _rule(
    name: str, metric_name: str, comparison: Comparison, limit: float, **more: object
) -> AlertRule:
    calm = calm_at(comparison, limit, metric(metric_name).unit)
    return AlertRule(name, metric_name, comparison, limit, calm, **more)  # type: ignore[arg-type]


_O, _B = Comparison.OVER, Comparison.BELOW_BASELINE
_SLACK, _MAIL, _PAGE = ("slack",), ("email",), ("pagerduty",)
DEFAULT_RULES = (
    _rule("drift", "drift.ks", _O, 0.2, least=2, of=3, channels=_SLACK, runbook="retrain"),
    _rule("categories", "drift.largest_change", _O, 0.2, least=2, of=3, channels=_SLACK, runbook="retrain"),
    _rule("skew", "drift.skew_distance", _O, 0.3, least=2, of=3, channels=_SLACK, runbook="skew"),
    _rule("skew-schema", "drift.skew_differences", _O, 0.0, least=2, of=3, channels=_SLACK, runbook="skew"),
    _rule("slow", "service.latency_p95_ms", _O, 120.0, min_n=50, granularity="5min", cooldown_hours=1.0, channels=_PAGE, severity=Severity.CRITICAL),
    _rule("errors", "service.error_rate", _O, 0.02, cooldown_hours=4.0, channels=_PAGE, severity=Severity.CRITICAL),
    _rule("worse", "performance.accuracy", _B, 0.05, channels=_MAIL, runbook="retrain", then=Then.REVIEW),
    _rule("explains-less", "performance.r2", _B, 0.05, channels=_MAIL, runbook="retrain", then=Then.REVIEW),
    _rule("concept", "performance.accuracy_gap", _O, 0.0, sigmas=4.0, channels=_MAIL, runbook="retrain", then=Then.REVIEW),
    _rule("concept-slow", "performance.accuracy_gap_pooled", _O, 0.0, sigmas=4.0, channels=_MAIL, runbook="retrain", then=Then.REVIEW),
    _rule("missing", "data_quality.missing_share", _O, 0.10, least=2, of=3, channels=_SLACK),
    _rule("unsure", "drift.low_confidence_share", _O, 0.15, least=2, of=3, channels=_SLACK),
    _rule("outliers", "data_quality.outlier_share", _O, 0.10, least=2, of=3, channels=_SLACK),
    _rule("queries", "service.suspicious_callers", _O, 0.0, min_n=1, channels=_SLACK),
    _rule("processor", "service.cpu_share", _O, 0.9, min_n=1, granularity="5min", cooldown_hours=1.0, channels=_PAGE),
    _rule("memory", "service.memory_share", _O, 0.9, min_n=1, granularity="5min", cooldown_hours=1.0, channels=_PAGE),
    _rule("target", "kpi.value", Comparison.BEYOND_TARGET, 0.0, least=2, of=3, min_n=1, channels=_MAIL),
    _rule("labels", "performance.label_lag_hours", _O, 168.0, min_n=30, channels=_MAIL),
    _rule("silence", "service.silence_hours", Comparison.SILENT_HOURS, 26.0, min_n=0, channels=_MAIL),
)  # fmt: skip
"""Limits of good practice, for policies that write no rules of their own."""
