"""One alert: everything known about it, how it stood, and what this person may do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import age, ago, instant, interval, number, share
from console.views import runbooks
from console.views.alerts import WORDS, AlertRow, row_of, seen_by, unit_of, value_of
from console.views.names import Names
from console.views.names import load as names_of
from services.kernel.error import NotFound
from services.kernel.metric import metric
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.judgement.alert.types import Alert

FOLLOWING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "raised": ("acknowledge", "snooze", "resolve"),
        "acknowledged": ("snooze", "resolve"),
        "snoozed": ("acknowledge", "resolve"),
    }
)
HOW: Mapping[str, str] = MappingProxyType(
    {
        "clear": "the windows are calm again",
        "by hand": "closed by hand",
        "version ended": "the version serves no more",
        "rule removed": "the policy has no such rule any more",
        "overtaken": "a higher threshold is crossed",
        "period over": "the period is over",
        "budget set anew": "the budget was set anew",
        "budget ended": "the budget was ended",
    }
)


@dataclass(frozen=True, slots=True)
class AlertStep:
    """How it stood from an instant on."""

    word: str
    at: str
    who: str
    said: str


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert.

    Attributes
    ----------
    facts
        What is known, by name, not yet escaped.
    asks
        What people are asked for beside looking; empty for nothing.
    at
        Where its window is drawn, as the query of an address.
    todo, runbook
        The steps of its runbook, and the address of one that lies elsewhere; empty where none is.
    actions
        What this person may do now, of acknowledge, snooze, resolve and incident.
    """

    row: AlertRow
    sentence: str
    facts: Mapping[str, str]
    steps: tuple[AlertStep, ...]
    asks: str
    at: Mapping[str, str]
    actions: tuple[str, ...]
    todo: tuple[str, ...] = ()
    runbook: str = ""


def load(services: "Services", principal: Principal, alert_id: str) -> AlertView:
    """Return everything known about one alert.

    Raises
    ------
    NotFound
        When there is none of that id, or it is about a model that this person does not see.
    """
    with services.store.reading() as session:
        alert = services.alerts.by_id(session, alert_id)
        if alert.ref.name not in seen_by(services, session, principal):
            raise NotFound("There is no such alert.")
        names = names_of(services, session)
        steps = tuple(_step(each, names) for each in services.alerts.history(session, alert_id))
        actions = _actions(services, session, principal, alert)
        set_up = {each.name for each in services.channels.all(session) if each.enabled}
        rule = _rule(services, session, alert)
        counted = _counted(services, session, alert)
    sentence = f"{alert.label} · raised {ago(alert.raised_at, services.clock.now())}"
    return AlertView(
        row_of(services, alert), sentence, {**counted, **_facts(alert, rule, set_up)}, steps, _asks(alert), _at(alert), actions,
        runbooks.steps(alert.runbook, alert.metric), runbooks.address(alert.runbook),
    )  # fmt: skip


def _actions(
    services: "Services", session: Session, principal: Principal, alert: "Alert"
) -> tuple[str, ...]:
    model, team = services.alerts.about(session, alert)

    def may(action: Action) -> bool:
        return services.authority.permits(principal, action, model=model, team=team)

    moves = FOLLOWING.get(str(alert.state), ()) if may(Action.ALERT_HANDLE) else ()
    incident = alert.is_open and not alert.is_of_budget and may(Action.INCIDENT_HANDLE)
    return (*moves, "incident") if incident else moves


def _counted(services: "Services", session: Session, alert: "Alert") -> dict[str, str]:
    """Return what was counted in the window; a number alone does not say it."""
    if not metric(alert.metric).is_count:
        return {}
    found = services.windows.numbers(
        session, services.windows.monitor(session, alert.monitor_id), metrics=[alert.metric],
        feature=alert.feature, segment=alert.segment, since=alert.window_start,
        until=alert.window_end,
    )  # fmt: skip
    words = "; ".join(each.method for each in found)
    return {"What it was": words} if words else {}


def _value(alert: "Alert", suffix: str) -> str:
    if not alert.is_of_budget:
        with_ends = interval(alert.value, alert.lo, alert.hi, limit=alert.bound) + suffix
        return value_of(alert) if alert.lo is None else with_ends
    if alert.lo is None or alert.hi is None:
        return f"{value_of(alert)} is spent"
    return f"{value_of(alert)} is likely at the end, {share(alert.lo, 1)} to {share(alert.hi, 1)}"


def _rule(services: "Services", session: Session, alert: "Alert") -> str:
    if alert.is_of_budget:
        return f"Budget, {alert.rule}"
    policy = services.policies.by_sha256(session, alert.policy_sha256).policy
    return f"{policy.policy_id} v{policy.version}, rule {alert.rule}"


def _facts(alert: "Alert", rule: str, set_up: Collection[str]) -> Mapping[str, str]:
    suffix = unit_of(alert)
    found = {
        "Value": _value(alert, suffix),
        "Limit": alert.limit + suffix,
        "Window": f"{instant(alert.window_start)} to {instant(alert.window_end)}",
        "Days" if alert.is_of_budget else "Rows": f"{alert.n:,}",
        "Chance alone gives": number(alert.floor) if alert.floor is not None else "",
        "Rule": rule,
        "Found": _found(alert),
        "Channels": ", ".join(
            name if name in set_up else f"{name} (nobody set it)" for name in alert.channels
        ),
        "Runbook": alert.runbook,
        "Put aside until": instant(alert.snoozed_until) if alert.snoozed_until else "",
        "Over": f"{instant(alert.resolved_at)}, {HOW.get(alert.how, alert.how)}"
        if alert.resolved_at
        else "",
    }
    return {key: words for key, words in found.items() if words}


def _at(alert: "Alert") -> Mapping[str, str]:
    """Return where the window is drawn: of its segment, where that is no protected group."""
    if alert.is_of_budget:
        return {}
    found = {"name": alert.ref.name, "version": str(alert.ref.version), "feature": alert.feature}
    found["segment"] = "" if alert.metric.startswith("fairness.") else alert.segment
    found["window"] = alert.window_start.isoformat()
    return {key: words for key, words in found.items() if words}


def _found(alert: "Alert") -> str:
    at_once = alert.raised_at - alert.breached_at < timedelta(minutes=1)
    late = "as soon as" if at_once else f"{age(alert.breached_at, alert.raised_at)} after"
    return f"{instant(alert.raised_at)}, {late} it could be known"


def _asks(alert: "Alert") -> str:
    if not alert.asks_for_review:
        return ""
    if str(alert.then) == "ticket":
        return "The rule opens a ticket for a training where the policy lets it; people allow it. Nothing moves by itself."
    return "The rule asks for a review: it waits in the inbox of who owns or validates the model. Nothing moves by itself."


def _step(alert: "Alert", names: Names) -> AlertStep:
    who = names.person(alert.handled_by) if alert.handled_by else "the console"
    return AlertStep(WORDS[str(alert.state)][1], instant(alert.changed_at), who, alert.reason)
