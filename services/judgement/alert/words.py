"""What is told about an alert: to channels, and to the trail."""

from typing import Any

from services.judgement.alert.types import BUDGET, Alert
from services.kernel.metric import metric
from services.standards.channel.types import Message
from services.standards.policy.types import shown
from services.standards.policy.watch import Then

SUMMARY = {
    "raised": "is beyond its limit",
    "reminder": "is still beyond its limit",
    "acknowledged": "is being looked at",
    "resolved": "is over",
}
HOW = {
    "clear": "The windows are calm again.",
    "by hand": "Somebody closed it by hand.",
    "version ended": "The version serves no more.",
    "rule removed": "The policy has no such rule any more.",
    "overtaken": "A higher threshold is crossed.",
    "period over": "The period is over; the next one begins with all of the budget.",
    "budget set anew": "The budget was set anew.",
    "budget ended": "The budget was ended.",
}


def what(alert: Alert) -> str:
    """Return what crossed its limit: ``Missing values of income, race=Black``."""
    feature = f" of {alert.feature}" if alert.feature else ""
    group = f", {alert.segment}" if alert.segment else ""
    return f"{metric(alert.metric).words}{feature}{group}"


def number(alert: Alert) -> str:
    """Return the number that crossed it, with its interval and unit."""
    if alert.value is None:
        return "no number"
    known = metric(alert.metric)
    if known.is_count:
        return f"{alert.value:,g}"
    unit = known.unit
    words = shown(round(alert.value, 4)) + (
        "" if unit in ("1", "target", "feature") else f" {unit}"
    )
    if alert.lo is None or alert.hi is None:
        return words
    return f"{words} [{shown(round(alert.lo, 4))}, {shown(round(alert.hi, 4))}]"


def message(alert: Alert, event: str) -> Message:
    """Return what a channel is told about an alert."""
    if alert.is_of_budget:
        return _of_budget(alert, event)
    text = f"{number(alert)}, limit {alert.limit}."
    if event == "resolved":
        text = HOW.get(alert.how, text)
    if event == "raised" and alert.asks_for_review:
        asked = "A training" if alert.then is Then.TICKET else "A review"
        text += f" {asked} is asked for; nothing moves by itself."
    facts = [
        ("Model", alert.ref.label),
        ("Rule", alert.rule),
        ("Window", f"{alert.window_start:%Y-%m-%d %H:%M} to {alert.window_end:%Y-%m-%d %H:%M} UTC"),
        ("Rows", f"{alert.n:,}"),
    ]
    if alert.runbook:
        facts.append(("Runbook", alert.runbook))
    return Message(
        title=f"{alert.ref.name}: {what(alert)} {SUMMARY[event]}",
        text=text,
        severity=alert.severity.value,
        dedup_key=alert.dedup_key,
        link=f"/alerts?id={alert.alert_id}",
        facts=tuple(facts),
    )


def _of_budget(alert: Alert, event: str) -> Message:
    """Return what a channel is told about a budget."""
    share = f"{alert.value:.0%}" if alert.value is not None else "no number"
    text = f"{share} of it is spent."
    if alert.lo is not None and alert.hi is not None:
        text = f"{share} of it is likely at the end, between {alert.lo:.0%} and {alert.hi:.0%}."
    if event == "resolved":
        text = HOW.get(alert.how, text)
    said = {"raised": alert.rule, "reminder": f"still {alert.rule}"}.get(
        event, SUMMARY.get(event, event)
    )
    return Message(
        title=f"Budget of {alert.label}, {alert.feature}: {said}",
        text=text,
        severity=alert.severity.value,
        dedup_key=alert.dedup_key,
        link=f"/alerts?id={alert.alert_id}",
        facts=(("Budget", alert.label), ("Period", alert.feature), ("Limit", alert.limit)),
    )


def recorded(alert: Alert) -> dict[str, Any]:
    """Return what the trail says about an alert that is raised."""
    version = {"version": alert.ref.version, "run_id": alert.ref.run_id}
    about = {"budget": alert.monitor_id.removeprefix(BUDGET), "whose": alert.ref.name}
    return {
        "model": alert.model,
        **(about if alert.is_of_budget else version),
        "rule": alert.rule,
        "metric": alert.metric,
        "feature": alert.feature,
        "segment": alert.segment,
        "severity": alert.severity,
        "value": alert.value,
        "lo": alert.lo,
        "hi": alert.hi,
        "n": alert.n,
        "bound": alert.bound,
        "window_start": alert.window_start,
        "window_end": alert.window_end,
        "policy_sha256": alert.policy_sha256,
    }
