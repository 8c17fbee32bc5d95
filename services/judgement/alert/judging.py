"""Reading the numbers that a model's rules are about, and holding them against the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from services.facts.evidence.service import EvidenceStore
from services.facts.window.rules import LENGTHS
from services.facts.window.service import Windows
from services.facts.window.types import Granularity, Monitor, WindowMetric
from services.judgement.alert.figures import of_targets, untargeted
from services.judgement.alert.rhythm import DAY, arrived, stretched
from services.judgement.alert.rules import judge_all, silence
from services.judgement.alert.types import Alert, Judgement
from services.kernel.identity import ModelRef
from services.standards.policy.watch import AlertRule, Comparison
from services.standards.target.service import Targets

ESTIMATED = "performance.estimated_"
LABELLED = ("performance.", "fairness.", "kpi.")
"""Families whose windows are complete only when outcomes have come in."""
SERVED = "service."
MARGIN = 3

Judged = list[tuple[AlertRule, Judgement]]


@dataclass(frozen=True)
class Look:
    """What is looked at, and when.

    Attributes
    ----------
    label_days
        How long outcomes are waited for, of a model with windows of a day; stretched for longer ones.
    known
        The alerts of the model; those that are open are calm again only beyond ``resolve_at``.
    """

    session: Session
    monitor: Monitor
    label_days: int
    known: Sequence[Alert]
    now: datetime

    @property
    def rhythm(self) -> timedelta:
        """Return how long the model's windows are."""
        return LENGTHS[self.monitor.granularity]

    @property
    def waits(self) -> timedelta:
        """Return how long outcomes are waited for."""
        return self.label_days * max(self.rhythm, DAY)

    def opened(self, rule: AlertRule) -> frozenset[tuple[str, str]]:
        """Return feature and segment of the alerts of a rule that are open."""
        return frozenset(
            (each.feature, each.segment)
            for each in self.known
            if each.is_open
            and each.rule == rule.id
            and each.monitor_id == self.monitor.monitor_id
        )  # fmt: skip


def quick(rule: AlertRule) -> bool:
    """Tell whether a rule is looked at every minute: silence, and windows of five minutes."""
    five = rule.granularity == Granularity.FIVE_MINUTES.value
    return five or rule.comparison is Comparison.SILENT_HOURS


class Judging:
    """Holds what was measured of a version against rules."""

    def __init__(self, windows: Windows, evidence: EvidenceStore, targets: Targets) -> None:
        self._windows, self._evidence, self._targets = windows, evidence, targets

    def judge(self, look: Look, rules: Sequence[AlertRule]) -> Judged:
        """Return what each rule says about each of its series."""
        return [(rule, each) for written in rules for rule, each in self._judged(look, written)]

    def _judged(self, look: Look, rule: AlertRule) -> Judged:
        if rule.comparison is Comparison.SILENT_HOURS:
            since = self._since(look.session, look.monitor)
            return [(rule, silence(rule, since, look.rhythm, look.now))]
        if rule.comparison is not Comparison.BEYOND_TARGET:
            return self._of_rule(look, stretched(rule, look.rhythm))
        figures = self._targets.of_model(look.session, look.monitor.ref.name)
        found: Judged = [(rule, each) for each in untargeted(rule, figures, look.known)]
        for each in of_targets(rule, figures):
            found += self._of_rule(look, each)
        return found

    def _of_rule(self, look: Look, rule: AlertRule) -> Judged:
        numbers = self._numbers(look, rule)
        if rule.metric.startswith(LABELLED):
            numbers = arrived(rule, numbers, look.now - look.waits)
        baseline = self._baseline(look.session, look.monitor.ref, rule)
        return [(rule, each) for each in judge_all(rule, numbers, baseline, look.opened(rule))]

    def _numbers(self, look: Look, rule: AlertRule) -> list[WindowMetric]:
        """Return the newest numbers of a rule's metric; all there are of months and years.

        Notes
        -----
        An hour or a day that is not over is judged by how it is served alone: its other rows are those
        of a part of the day, and who looks every few minutes until something shows finds it by chance.
        """
        granularity = (
            Granularity(rule.granularity) if rule.granularity else look.monitor.granularity
        )
        back = (rule.of + MARGIN) * LENGTHS[granularity]
        if rule.metric.startswith(LABELLED):
            back += look.waits
        short = granularity not in (Granularity.MONTH, Granularity.YEAR)
        found = self._windows.numbers(
            look.session,
            look.monitor,
            metrics=[rule.metric],
            feature=rule.feature,
            segment=None if rule.by else "",
            since=look.now - back if short else None,
            granularity=granularity,
        )
        if not short or rule.metric.startswith(SERVED):
            return found
        return [each for each in found if each.end <= look.now]

    def _since(self, session: Session, monitor: Monitor) -> datetime:
        last = self._windows.last_rows(session, monitor.ref.name)
        return max(last, monitor.made_at) if last else monitor.made_at

    def _baseline(self, session: Session, ref: ModelRef, rule: AlertRule) -> float | None:
        """Return what the version showed on its evaluation set; an estimate is held against the real."""
        if rule.comparison is not Comparison.BELOW_BASELINE:
            return None
        filed = self._evidence.latest(session, ref, "performance")
        name = rule.metric.replace(ESTIMATED, "performance.")
        return (
            next((m.value for m in filed.measurements if m.metric == name and not m.segment), None)
            if filed
            else None
        )
