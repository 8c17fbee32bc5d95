"""Reading the numbers that a model's rules are about, and holding them against the rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from services.facts.evidence.service import EvidenceStore
from services.facts.window.rules import LENGTHS
from services.facts.window.service import Windows
from services.facts.window.types import Granularity, Monitor, WindowMetric
from services.judgement.alert.rules import judge_all, silence, stretched
from services.judgement.alert.types import Alert, Judgement
from services.kernel.identity import ModelRef
from services.standards.policy.watch import AlertRule, Comparison

ESTIMATED = "performance.estimated_"
LABELLED = ("performance.", "fairness.", "kpi.")
"""Families whose windows are complete only when outcomes have come in."""
SERVED = "service."
MARGIN = 3

Judged = list[tuple[AlertRule, Judgement]]


def quick(rule: AlertRule) -> bool:
    """Tell whether a rule is looked at every minute: silence, and windows of five minutes."""
    five = rule.granularity == Granularity.FIVE_MINUTES.value
    return five or rule.comparison is Comparison.SILENT_HOURS


class Judging:
    """Holds what was measured of a version against rules."""

    def __init__(self, windows: Windows, evidence: EvidenceStore) -> None:
        self._windows, self._evidence = windows, evidence

    def judge(
        self,
        session: Session,
        monitor: Monitor,
        rules: Sequence[AlertRule],
        label_days: int,
        known: Sequence[Alert],
        now: datetime,
    ) -> Judged:
        """Return what each rule says about each of its series.

        Parameters
        ----------
        label_days
            How far back windows are read whose outcomes come late.
        known
            The alerts of the model; those that are open are calm again only beyond ``resolve_at``.
        """
        found: Judged = []
        rhythm = LENGTHS[monitor.granularity]
        for written in rules:
            if written.comparison is Comparison.SILENT_HOURS:
                since = self._since(session, monitor)
                found.append((written, silence(written, since, rhythm, now)))
                continue
            rule = stretched(written, rhythm)
            opened = frozenset(
                (each.feature, each.segment)
                for each in known
                if each.is_open and each.rule == rule.id and each.monitor_id == monitor.monitor_id
            )
            numbers = self._numbers(session, monitor, rule, label_days, now)
            baseline = self._baseline(session, monitor.ref, rule)
            found += [(rule, each) for each in judge_all(rule, numbers, baseline, opened)]
        return found

    def _numbers(
        self, session: Session, monitor: Monitor, rule: AlertRule, label_days: int, now: datetime
    ) -> list[WindowMetric]:
        """Return the newest numbers of a rule's metric; all there are of months and years.

        Notes
        -----
        An hour or a day that is not over is judged by how it is served alone: its other rows are those
        of a part of the day, and who looks every few minutes until something shows finds it by chance.
        """
        granularity = Granularity(rule.granularity) if rule.granularity else monitor.granularity
        back = (rule.of + MARGIN) * LENGTHS[granularity]
        if rule.metric.startswith(LABELLED):
            back += timedelta(days=label_days)
        short = granularity not in (Granularity.MONTH, Granularity.YEAR)
        found = self._windows.numbers(
            session,
            monitor,
            metrics=[rule.metric],
            feature=rule.feature,
            segment=None if rule.by else "",
            since=now - back if short else None,
            granularity=granularity,
        )
        if not short or rule.metric.startswith(SERVED):
            return found
        return [each for each in found if each.end <= now]

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
