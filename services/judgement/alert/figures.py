"""Business figures held against their targets: the rule of a policy becomes one rule for each figure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.judgement.alert.types import Alert, Judgement, Reading
from services.standards.policy.watch import AlertRule, Comparison
from services.standards.target.types import Kpi

NO_TARGET = "The figure has no target any more."


def of_targets(rule: AlertRule, figures: Iterable[Kpi]) -> Iterator[AlertRule]:
    """Yield what a rule about targets means for each figure that has one.

    Notes
    -----
    The limit of the rule is how far a figure may miss its target, relative to it. An alert is over
    when the figure meets the target itself.
    """
    for each in figures:
        if each.target is None:
            continue
        is_floor, room = each.direction == "higher", rule.limit * abs(each.target)
        yield replace(
            rule,
            comparison=Comparison.UNDER if is_floor else Comparison.OVER,
            limit=each.target - room if is_floor else each.target + room,
            resolve_at=each.target,
            feature=each.name,
        )


def untargeted(
    rule: AlertRule, figures: Iterable[Kpi], known: Iterable[Alert]
) -> Iterator[Judgement]:
    """Yield that open alerts are over whose figure is watched no more, or has no target."""
    targeted = {each.name for each in figures if each.target is not None}
    for alert in known:
        if alert.is_open and alert.rule == rule.id and alert.feature not in targeted:
            yield Judgement(
                rule.id, rule.metric, alert.feature, alert.segment, Reading.CLEAR, alert.limit, None,
                why=NO_TARGET,
            )  # fmt: skip
