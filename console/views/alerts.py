"""Alerts: what crossed a limit in production, the worst first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, lasting, number, plural, segment, share
from services.kernel.metric import metric
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.bootstrap.services import Services
    from services.judgement.alert.types import Alert, Figures

LATELY = timedelta(days=90)
STATES: Mapping[str, str] = MappingProxyType(
    {
        "open": "All that are open",
        "raised": "Raised",
        "acknowledged": "Acknowledged",
        "snoozed": "Put aside",
        "resolved": "Over",
    }
)
WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "raised": ("fail", "Raised"),
        "acknowledged": ("info", "Acknowledged"),
        "snoozed": ("stale", "Put aside"),
        "resolved": ("none", "Over"),
    }
)


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert in a list."""

    alert_id: str
    status: str
    word: str
    severity: str
    what: str
    model: str
    label: str
    value: str
    limit: str
    raised: str
    asks: bool
    metric: str = ""
    feature: str = ""


@dataclass(frozen=True, slots=True)
class AlertsView:
    """What the list shows, filtered."""

    sentence: str
    rows: tuple[AlertRow, ...]
    state: str
    states: Mapping[str, str]
    pace: Mapping[str, str]


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> AlertsView:
    """Return the alerts in a state of the models that this person sees, the worst first."""
    state = query.get("state", "open")
    state = state if state in STATES else "open"
    with services.store.reading() as session:
        seen = seen_by(services, session, principal)
        asked = query.get("name")
        models = seen & {asked} if asked else seen
        found = [
            each
            for each in services.alerts.find(session, model=asked, state=state)
            if each.ref.name in models
        ]
        pace = services.alerts.figures(session, services.clock.now() - LATELY, models)
    found.sort(key=lambda e: (-e.severity.rank, str(e.state) != "raised", e.raised_at))
    rows = tuple(row_of(services, each) for each in found)
    listed = plural(len(rows), "alert")
    about = f" of {asked}" if asked else ""
    sentence = f"{listed}{about} · {STATES[state].lower()}"
    return AlertsView(sentence, rows, state, STATES, pace_of(pace))


def pace_of(figures: "Figures") -> Mapping[str, str]:
    """Return how fast faults were found and mended, in words; unknown where there were none."""
    found = (figures.detection_median, figures.detection, figures.raised)
    mended = (figures.recovery_median, figures.recovery, figures.resolved)
    return {"Time to detect": _pace(*found), "Time to recover": _pace(*mended)}


def _pace(median: timedelta | None, mean: timedelta | None, n: int) -> str:
    if median is None or mean is None:
        return "unknown · n = 0"
    return f"{lasting(median)} · median of n = {n}, mean {lasting(mean)}"


@dataclass(frozen=True, slots=True)
class Raised:
    """What of the open alerts waits for a person.

    Attributes
    ----------
    waiting
        Those that this person may handle and nobody looks at, the worst first.
    over
        How many budgets that this person sees are used up.
    """

    waiting: tuple[AlertRow, ...]
    over: int


def raised(services: "Services", session: Session, principal: Principal) -> Raised:
    """Return what of the open alerts waits for a person; rights are asked for their names alone."""
    found = services.alerts.open(session)
    fresh = [each for each in found if str(each.state) == "raised"]
    spent = [each for each in found if _is_used_up(each)]
    may = _named(services, session, principal, Action.ALERT_HANDLE, _names(fresh))
    sees = _named(services, session, principal, Action.MODEL_READ, _names(spent))
    rows = tuple(row_of(services, each) for each in fresh if each.ref.name in may)
    return Raised(rows, sum(each.ref.name in sees for each in spent))


def seen_by(services: "Services", session: Session, principal: Principal) -> set[str]:
    """Return the models that this person sees, and the names of the budgets of teams and experiments."""
    return _named(services, session, principal, Action.MODEL_READ)


def _is_used_up(alert: "Alert") -> bool:
    return alert.is_of_budget and (alert.bound or 0.0) >= 1 and alert.lo is None


def _names(found: "Iterable[Alert]") -> frozenset[str]:
    return frozenset(each.ref.name for each in found)


def _named(
    services: "Services",
    session: Session,
    principal: Principal,
    action: Action,
    among: frozenset[str] | None = None,
) -> set[str]:
    """Return the names that alerts bear which a person may see, or handle; None: among all."""

    def may(model: str, team: str | None) -> bool:
        return services.authority.permits(principal, action, model=model, team=team)

    if among is not None and not among:
        return set()
    models = [e for e in services.governance.all(session) if among is None or e.name in among]
    found = {e.name for e in models if may(e.name, e.team_id)}
    if among is not None and among <= {e.name for e in models}:
        return found
    found |= {f"team {t.team_id}" for t in services.teams.all(session) if may("", t.team_id)}
    budgets = services.budgets.all(session)
    return found | {b.whose for b in budgets if str(b.scope) == "experiment" and may(b.name, None)}


def row_of(services: "Services", alert: "Alert") -> AlertRow:
    """Return an alert as a line of a list."""
    status, word = WORDS[str(alert.state)]
    if status == "fail" and str(alert.severity) != "critical":
        status = "stale" if str(alert.severity) == "warning" else "info"
    feature = f"{alert.feature}: " if alert.feature else ""
    group = f", {segment(alert.segment)}" if alert.segment else ""
    what = f"{feature}{metric(alert.metric).words}{group}"
    return AlertRow(
        alert.alert_id, status, word, str(alert.severity),
        f"{feature}budget, {alert.rule}" if alert.is_of_budget else what, alert.model, alert.label,
        value_of(alert), alert.limit + unit_of(alert),
        ago(alert.raised_at, services.clock.now()), alert.asks_for_review,
        metric(alert.metric).words, alert.feature,
    )  # fmt: skip


def value_of(alert: "Alert") -> str:
    """Return the number that crossed its limit; how many of a count, hundredths of a budget."""
    if alert.is_of_budget and alert.value is not None:
        return share(alert.value, 1)
    if alert.value is not None and metric(alert.metric).is_count:
        return f"{alert.value:,.0f}"
    return number(alert.value, limit=alert.bound) + unit_of(alert)


def unit_of(alert: "Alert") -> str:
    """Return what stands behind its number."""
    unit = metric(alert.metric).unit
    return "" if unit in ("1", "target", "feature", "model") else f" {unit}"
