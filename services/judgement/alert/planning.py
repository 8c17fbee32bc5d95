"""What must change after a look: alerts raised, woken and resolved; pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.facts.window.types import Monitor
from services.judgement.alert.rules import may_raise
from services.judgement.alert.types import Alert, AlertState, Judgement, Reading
from services.kernel.identity import new_id
from services.standards.policy.watch import AlertRule

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """An alert as it stands from now on, and what is told about that."""

    event: str
    alert: Alert


def planned(
    monitor: Monitor,
    policy_sha256: str,
    rules: Sequence[AlertRule],
    judged: Sequence[tuple[AlertRule, Judgement]],
    known: Mapping[Key, Alert],
    now: datetime,
) -> list[Move]:
    """Return what must change, once: after these moves the same look changes nothing.

    Parameters
    ----------
    rules
        All that hold, also those that were not judged now.
    known
        The latest alert of the version under each key.

    Notes
    -----
    An alert is moved by the numbers of its own version only. What cannot be told resolves nothing.
    """
    by_key = {judgement.key: judgement for _, judgement in judged}
    moves = list(_onward(monitor, {rule.id for rule in rules}, by_key, known, now))
    for rule, judgement in judged:
        before = known.get(judgement.key)
        over = before is None or not before.is_open
        if over and may_raise(judgement, before, rule.cooldown_hours, now):
            moves.append(Move("raised", raised(monitor, policy_sha256, rule, judgement, now)))
    return moves


def raised(
    monitor: Monitor, policy_sha256: str, rule: AlertRule, judgement: Judgement, now: datetime
) -> Alert:
    """Return the alert of a rule that fires."""
    first, newest = judgement.breaches[0], judgement.breaches[-1]
    return Alert(
        alert_id=new_id(),
        ref=monitor.ref,
        monitor_id=monitor.monitor_id,
        rule=rule.id,
        metric=rule.metric,
        feature=judgement.feature,
        segment=judgement.segment,
        severity=rule.severity,
        state=AlertState.RAISED,
        value=newest.value,
        lo=newest.lo,
        hi=newest.hi,
        floor=newest.floor,
        n=newest.n,
        limit=judgement.limit,
        bound=judgement.bound,
        window_start=newest.start,
        window_end=newest.end,
        breached_at=min(max(first.end, monitor.made_at), now),
        raised_at=now,
        channels=rule.channels,
        runbook=rule.runbook,
        then=rule.then,
        policy_sha256=policy_sha256,
        changed_at=now,
    )


def resolved(
    alert: Alert, how: str, now: datetime, by: str | None = None, reason: str = ""
) -> Alert:
    """Return an alert that is over."""
    return replace(
        alert,
        state=AlertState.RESOLVED,
        handled_by=by,
        reason=reason,
        snoozed_until=None,
        resolved_at=now,
        how=how,
        changed_at=now,
    )


def _onward(
    monitor: Monitor,
    rules: set[str],
    judged: Mapping[Key, Judgement],
    known: Mapping[Key, Alert],
    now: datetime,
) -> Iterator[Move]:
    for key, alert in known.items():
        if not alert.is_open or alert.monitor_id != monitor.monitor_id:
            continue
        judgement = judged.get(key)
        if alert.rule not in rules:
            yield Move("resolved", resolved(alert, "rule removed", now))
        elif judgement is not None and judgement.reading is Reading.CLEAR:
            yield Move("resolved", resolved(alert, "clear", now))
        elif alert.snoozed_until is not None and alert.snoozed_until <= now:
            awake = replace(alert, state=AlertState.RAISED, handled_by=None, reason="")
            yield Move("reminder", replace(awake, snoozed_until=None, changed_at=now))
