"""What goes by a model's rhythm: how long is too long, and which windows still wait for outcomes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from services.facts.window.types import WindowMetric
from services.judgement.alert.marks import is_covered
from services.standards.policy.watch import AlertRule

DAY = timedelta(days=1)
IN_RHYTHM = frozenset({"service.silence_hours", "performance.label_lag_hours"})


def arrived(
    rule: AlertRule, numbers: Iterable[WindowMetric], since: datetime
) -> list[WindowMetric]:
    """Return numbers without those of the newest windows whose outcomes may still come.

    Parameters
    ----------
    since
        Windows that ended after it wait for outcomes; earlier ones wait no more, and a number that is
        missing there is unknown.

    Notes
    -----
    Outcomes come late, so that the newest windows never have enough of them: what is judged is the
    newest window that has. Where none has, the last one is left, and says so.
    """
    held = list(numbers)
    newest: dict[tuple[str, str], WindowMetric] = {}
    known: dict[tuple[str, str], datetime] = {}
    for each in held:
        key = each.feature, each.segment
        newest[key] = each
        if (each.value is not None and is_covered(rule, each)) or each.end <= since:
            known[key] = each.start
    return [
        each
        for each in held
        if each.start <= known.get((each.feature, each.segment), each.start)
        and (
            (each.feature, each.segment) in known
            or each is newest[each.feature, each.segment]
        )
    ]  # fmt: skip


def stretched(rule: AlertRule, rhythm: timedelta) -> AlertRule:
    """Return a rule as it holds for a model of some rhythm.

    Parameters
    ----------
    rhythm
        How long the model's own windows are. Hours without a prediction and hours until outcomes
        come are meant for windows of a day: for longer ones they are stretched by as much.
    """
    times = max(rhythm / DAY, 1.0)
    if rule.metric not in IN_RHYTHM or times == 1.0:
        return rule
    return replace(rule, limit=rule.limit * times, resolve_at=rule.resolve_at * times)
