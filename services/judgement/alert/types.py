"""The nouns of an alert."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.facts.window.types import WindowMetric
from services.kernel.identity import ModelRef
from services.kernel.lifecycle import Lifecycle
from services.standards.policy.watch import Severity, Then


class Reading(StrEnum):
    """What a rule says about production now; unknown is never green and resolves nothing."""

    FIRING = "firing"
    CLEAR = "clear"
    UNKNOWN = "unknown"


class AlertState(StrEnum):
    """Where an alert stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


ALERT = Lifecycle(
    "alert",
    "raised",
    {
        "raised": frozenset({"acknowledged", "snoozed", "resolved"}),
        "acknowledged": frozenset({"snoozed", "resolved"}),
        "snoozed": frozenset({"raised", "acknowledged", "snoozed", "resolved"}),
    },
)
OPEN = tuple(state for state in AlertState if not ALERT.is_final(state))


BUDGET = "budget:"
"""What the monitor of an alert begins with where a budget is crossed, and no window."""
TEAM, EXPERIMENT, TICKET = WHOSE = ("team ", "experiment ", "ticket ")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one rule says about one series of windows.

    Attributes
    ----------
    limit
        In words; ``bound`` is its number, None where a baseline is missing.
    window
        The newest window that says something; None where none does.
    breaches
        The windows beyond the limit among those that count, oldest first.
    why
        One sentence where the reading is unknown.
    """

    rule: str
    metric: str
    feature: str
    segment: str
    reading: Reading
    limit: str
    bound: float | None
    window: WindowMetric | None = None
    breaches: tuple[WindowMetric, ...] = ()
    why: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what tells it from others of the same version."""
        return self.rule, self.metric, self.feature, self.segment


@dataclass(frozen=True)
class Alert:
    """A limit that production crossed, until it is resolved.

    Attributes
    ----------
    ref, monitor_id
        The version whose numbers crossed the limit; of a budget the model at version 0, or ``team …``,
        ``experiment …`` or ``ticket …``, and ``budget:`` with its id.
    value, lo, hi, floor, n
        Of the newest window beyond the limit when it was raised.
    limit, bound
        In words, and its number.
    window_start, window_end
        The newest window beyond the limit that was known at the last change of state.
    breached_at
        When it could first be known: the end of the first window beyond the limit, or the beginning
        of watching where that is later.
    handled_by
        The person behind the present state; None where the console itself moved it.
    reason
        What that person said.
    how
        Why it is over: ``clear``, ``by hand``, ``version ended`` or ``rule removed``; of a budget also
        ``overtaken``, ``period over``, ``budget set anew`` or ``budget ended``; empty while open.
    """

    alert_id: str
    ref: ModelRef
    monitor_id: str
    rule: str
    metric: str
    feature: str
    segment: str
    severity: Severity
    state: AlertState
    value: float | None
    lo: float | None
    hi: float | None
    floor: float | None
    n: int
    limit: str
    bound: float | None
    window_start: datetime
    window_end: datetime
    breached_at: datetime
    raised_at: datetime
    channels: tuple[str, ...]
    runbook: str
    then: Then
    policy_sha256: str
    changed_at: datetime
    handled_by: str | None = None
    reason: str = ""
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    how: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what tells it from others of the same version."""
        return self.rule, self.metric, self.feature, self.segment

    @property
    def dedup_key(self) -> str:
        """Return under which name it is told: the same fault of one version has the same name."""
        return ":".join((self.ref.name, str(self.ref.version), *self.key))

    @property
    def is_open(self) -> bool:
        """Tell whether it is not resolved."""
        return not ALERT.is_final(self.state)

    @property
    def is_of_budget(self) -> bool:
        """Tell whether a budget is crossed, and no limit on production."""
        return self.monitor_id.startswith(BUDGET)

    @property
    def model(self) -> str:
        """Return the model it is about; empty for a budget of a team, an experiment or a ticket."""
        others = self.is_of_budget and self.ref.name.startswith(WHOSE)
        return "" if others else self.ref.name

    @property
    def label(self) -> str:
        """Return what it is about as people say it: ``credit-risk v12``, ``team lending``."""
        return self.ref.name if self.is_of_budget else self.ref.label

    @property
    def asks_for_review(self) -> bool:
        """Tell whether people are asked to look at the version again."""
        return self.is_open and self.then is not Then.NONE


@dataclass(frozen=True, slots=True)
class Figures:
    """How fast faults were found and mended.

    Attributes
    ----------
    detection, detection_median
        Time from when a fault could be known to its alert, its mean and median; None without alerts.
    recovery, recovery_median
        Time from an alert to its end, its mean and median; None while none ended.
    """

    raised: int
    resolved: int
    detection: timedelta | None
    recovery: timedelta | None
    detection_median: timedelta | None
    recovery_median: timedelta | None
