"""Budgets that are crossed become alerts: what must change after a look; pure functions."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from services.judgement.alert.planning import Move, resolved
from services.judgement.alert.types import BUDGET, Alert, AlertState
from services.judgement.spending.rules import WHOLE, crossings
from services.judgement.spending.types import Crossing, Standing
from services.kernel.identity import DEFAULT_REGISTRY, DEFAULT_WORKSPACE, ModelRef, new_id
from services.standards.budget.types import Budget, Scope
from services.standards.policy.watch import Severity, Then

METRIC = "cost.budget_share"
SOON = 80
CALM = 0.95
"""A forecast is calm again below this share of the amount."""


def name_of(budget: Budget) -> str:
    """Return under which name an alert of a budget stands: the model's, or ``team lending``."""
    return budget.name if budget.scope is Scope.MODEL else budget.whose


def moves_of(standing: Standing, known: Collection[Alert], now: datetime) -> list[Move]:
    """Return what must change, once: after these moves the same look changes nothing.

    Parameters
    ----------
    known
        Every alert there ever was of this budget.

    Notes
    -----
    A threshold is told once for an amount and a period: what a person closed stays closed. The highest
    that is crossed is told alone, and ends those below it. What nobody can tell resolves nothing.
    """
    crossed = _told(crossings(standing))
    over = [*_ended(standing, crossed, [each for each in known if each.is_open], now)]
    said = {(each.rule, each.limit, each.window_start) for each in known}
    fresh = [_raised(standing, each, now) for each in crossed]
    new = [each for each in fresh if (each.rule, each.limit, each.window_start) not in said]
    return [*over, *(Move("raised", each) for each in new)]


def without(known: Sequence[Alert], standing: Collection[str], now: datetime) -> list[Move]:
    """Return that alerts are over whose budget was ended.

    Parameters
    ----------
    standing
        The ids of the budgets that stand.
    """
    ids = {f"{BUDGET}{each}" for each in standing}
    return [
        Move("resolved", resolved(each, "budget ended", now))
        for each in known
        if each.is_open and each.monitor_id not in ids
    ]


def limit_of(standing: Standing, percent: int) -> str:
    """Return a threshold as people read it: ``≤ 80 % of 200.00 USD``."""
    amount = standing.budget.amount
    return f"≤ {percent} % of {amount.decimal} {amount.currency}"


def _told(crossed: Sequence[Crossing]) -> list[Crossing]:
    """Return the highest threshold that is spent, and what is likely while all is not yet spent."""
    spent = [each for each in crossed if not each.foretold][-1:]
    if spent and spent[0].percent >= WHOLE:
        return spent
    return [*spent, *(each for each in crossed if each.foretold)]


def _ended(
    standing: Standing, crossed: Sequence[Crossing], opened: Collection[Alert], now: datetime
) -> Iterator[Move]:
    rules = {each.rule for each in crossed}
    limits = {limit_of(standing, each) for each in (*standing.budget.percents, WHOLE)}
    for alert in opened:
        how = ""
        if alert.window_start != standing.period.start:
            how = "period over"
        elif alert.limit not in limits:
            how = "budget set anew"
        elif alert.rule not in rules and _is_overtaken(alert, crossed):
            how = "overtaken"
        elif alert.rule not in rules and _is_calm(standing, alert):
            how = "clear"
        if how:
            yield Move("resolved", resolved(alert, how, now))
        elif alert.snoozed_until is not None and alert.snoozed_until <= now:
            awake = replace(alert, state=AlertState.RAISED, handled_by=None, reason="")
            yield Move("reminder", replace(awake, snoozed_until=None, changed_at=now))


def _is_overtaken(alert: Alert, crossed: Sequence[Crossing]) -> bool:
    """Tell whether more than what an alert says is spent."""
    spent = max((each.percent for each in crossed if not each.foretold), default=0)
    return bool(spent) and (alert.bound or 0.0) * WHOLE <= spent


def _is_calm(standing: Standing, alert: Alert) -> bool:
    """Tell whether it is known that a threshold is crossed no more."""
    if alert.rule.startswith("spent"):
        return standing.is_whole
    ahead = standing.forecast
    return ahead is not None and ahead.likely.micros < CALM * standing.budget.amount.micros


def _raised(standing: Standing, crossing: Crossing, now: datetime) -> Alert:
    budget, ahead = standing.budget, standing.forecast if crossing.foretold else None
    amount = budget.amount.micros
    return Alert(
        alert_id=new_id(),
        ref=ModelRef(DEFAULT_REGISTRY, DEFAULT_WORKSPACE, name_of(budget), 0, "", ""),
        monitor_id=f"{BUDGET}{budget.budget_id}",
        rule=crossing.rule,
        metric=METRIC,
        feature=standing.label,
        segment="",
        severity=_severity(crossing),
        state=AlertState.RAISED,
        value=crossing.share,
        lo=ahead.lo.micros / amount if ahead else None,
        hi=ahead.hi.micros / amount if ahead else None,
        floor=None,
        n=len(standing.daily.micros),
        limit=limit_of(standing, crossing.percent),
        bound=crossing.percent / WHOLE,
        window_start=standing.period.start,
        window_end=standing.period.end,
        breached_at=now,
        raised_at=now,
        channels=budget.channels,
        runbook="",
        then=Then.NONE,
        policy_sha256="",
        changed_at=now,
    )


def _severity(crossing: Crossing) -> Severity:
    if crossing.foretold:
        return Severity.WARNING
    if crossing.percent >= WHOLE:
        return Severity.CRITICAL
    return Severity.WARNING if crossing.percent >= SOON else Severity.INFO
