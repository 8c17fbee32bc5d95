"""The nouns of when a model is trained anew, who allows it, and what it may cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.kernel.identity import Role
from services.kernel.money import Money

CURRENCY = "USD"
LABEL_ROWS = 1000
"""How many new outcomes ask for a training where the policy names no number."""


class Trigger(StrEnum):
    """What asks for a new model."""

    DRIFT = "drift"
    PERFORMANCE = "performance"
    SCHEDULE = "schedule"
    DATA = "data"
    LABELS = "labels"
    CODE = "code"
    EXPIRY = "expiry"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """Who must sign when the worst case costs ``over`` or more."""

    over: Money
    quorum: Mapping[Role, int]


@dataclass(frozen=True, slots=True)
class TriggerRule:
    """What one trigger may do.

    Attributes
    ----------
    ticket
        False: it is noted, and opens nothing.
    approvals
        Instead of those of the policy; None for those.
    rows
        Of ``labels``: how many new outcomes ask for a training.
    cooldown_days, max_per_week
        Of this trigger, beside those of the policy; None for those alone.
    """

    trigger: Trigger
    ticket: bool = True
    approvals: tuple[ApprovalRow, ...] | None = None
    rows: int = LABEL_ROWS
    cooldown_days: float | None = None
    max_per_week: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What trainings may cost.

    Attributes
    ----------
    month
        All trainings of a team in a calendar month (UTC); None for no limit.
    ticket
        One ticket; None for no limit.
    stop
        Whether a training that passes a limit is stopped; otherwise it is told.
    """

    currency: str = CURRENCY
    month: Money | None = None
    ticket: Money | None = None
    stop: bool = True


@dataclass(frozen=True)
class Retraining:
    """When the models of a policy are trained anew.

    Attributes
    ----------
    on
        What each trigger may do; one that is not named does nothing.
    schedule
        Five fields of cron in ``timezone``; empty for never.
    cooldown_days
        From the opening of a ticket until a trigger may open the next; people may at any time.
    max_per_week
        Tickets that triggers open in any seven days; None for no limit.
    approvals
        By rising ``over``; empty where nobody need sign; None where the policy says nothing, and its
        quorum for reviews holds.
    min_effect
        How much better on the holdout a new model must be, in the unit of the metric.
    holdout_looks
        How many comparisons one holdout is good for.
    stop_idle
        Whether a training that leaves its GPUs idle is stopped.
    fairness_margin
        By how much the impact ratio of a group may be lower than the champion's.
    must_show
        Whether it must be shown by the interval that no group fares worse by more than the margin;
        otherwise only a group that is seen to fare worse is in the way.
    """

    on: Mapping[Trigger, TriggerRule] = field(
        default_factory=lambda: {Trigger.MANUAL: TriggerRule(Trigger.MANUAL)}
    )
    schedule: str = ""
    timezone: str = "UTC"
    cooldown_days: float = 7.0
    max_per_week: int | None = None
    approvals: tuple[ApprovalRow, ...] | None = None
    min_effect: float = 0.005
    holdout_looks: int = 20
    stop_idle: bool = False
    fairness_margin: float = 0.05
    must_show: bool = False

    def quorum(
        self, trigger: Trigger, worst: Money | None, strictest: Mapping[Role, int]
    ) -> Mapping[Role, int]:
        """Return who must sign for a ticket; empty when nobody must.

        Parameters
        ----------
        worst
            The worst case of its quote; None when something has no price, which is treated as dear.
        strictest
            What holds where the policy names no approvals.
        """
        rule = self.on.get(trigger)
        rows = rule.approvals if rule and rule.approvals is not None else self.approvals
        if rows is None:
            return strictest
        if worst is None or any(row.over.currency != worst.currency for row in rows):
            return rows[-1].quorum if rows else {}
        reached = [row for row in rows if row.over.micros <= worst.micros]
        return reached[-1].quorum if reached else {}
