"""All models in production by their worst signal, and those that nobody watches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import age, instant, plural, window
from console.views import fleet as fleets
from console.views import models
from console.views.drift.answers import baselines, whole
from console.views.drift.limits import limits
from console.views.fleet import Listed
from console.views.signals import RANK, READ, Signal, signals
from services.facts.window.types import Monitor, Seen, WindowMetric
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

MOST = 60


@dataclass(frozen=True, slots=True)
class WatchedRow:
    """One watched model.

    Attributes
    ----------
    status, word
        Of the worst signal; an open alert is one.
    signals
        By what it tells of: drift, performance, latency, errors, data.
    last
        The newest window with rows, and how long ago it ended.
    """

    name: str
    version: int
    status: str
    word: str
    signals: Mapping[str, Signal]
    alerts: int
    last: str
    severity: float


@dataclass(frozen=True, slots=True)
class UnwatchedRow:
    """One governed model without a monitor, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class MonitoringView:
    """What the page shows, the worst first."""

    sentence: str
    rows: tuple[WatchedRow, ...]
    more: int
    unwatched: tuple[UnwatchedRow, ...]
    find: str


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> MonitoringView:
    """Return the watched models this person may see, and those that nobody watches."""
    now, find = services.clock.now(), query.get("find", "")
    with services.store.reading() as session:
        fleet = fleets.load(services, session, now)
        seen = [e for e in fleet.listed if models.sees(services, principal, e.governed)]
        watched = serving(services, session)
        rows, free = _told(services, session, seen, watched, now)
    shown = [row for row in rows if find.casefold() in row.name.casefold()]
    worst = sum(row.status == "fail" for row in rows)
    sentence = f"{plural(len(rows), 'model')} watched, {worst} with something beyond a limit"
    return MonitoringView(
        f"{sentence} · as of {instant(now)}", tuple(shown[:MOST]), max(0, len(shown) - MOST),
        tuple(each for each in free if find.casefold() in each.name.casefold()), find,
    )  # fmt: skip


def serving(services: "Services", session: Session) -> dict[str, Monitor]:
    """Return the monitor of each model: of the newest of its versions that serve."""
    found: dict[str, Monitor] = {}
    for each in services.windows.monitors(session):
        found.setdefault(each.ref.name, each)
    return found


def _told(
    services: "Services", session: Session, listed: Sequence[Listed],
    watched: Mapping[str, Monitor], now: datetime,
) -> tuple[list[WatchedRow], list[UnwatchedRow]]:  # fmt: skip
    mine = [watched[e.governed.name] for e in listed if e.governed.name in watched]
    newest = services.windows.newest(session, mine, READ)
    last = services.windows.last(session, mine)
    counted: dict[str, int] = {}
    for alert in services.alerts.open(session):
        if alert.is_of_budget:
            continue
        counted[alert.ref.name] = counted.get(alert.ref.name, 0) + 1
    rows: list[WatchedRow] = []
    free: list[UnwatchedRow] = []
    for each in listed:
        monitor = watched.get(each.governed.name)
        if monitor is None:
            free.append(UnwatchedRow(each.governed.name, _why(each)))
            continue
        numbers = newest[monitor.monitor_id]
        told = _signals(services, session, each, monitor, numbers)
        rows.append(
            _row(monitor, told, counted.get(monitor.ref.name, 0), last.get(monitor.monitor_id), now)
        )
    return sorted(rows, key=lambda r: (RANK[r.status], -r.alerts, -r.severity, r.name)), free


def _signals(
    services: "Services", session: Session, each: Listed, monitor: Monitor,
    numbers: Sequence[WindowMetric],
) -> dict[str, Signal]:  # fmt: skip
    known = each.known
    if known.ref == monitor.ref:
        base = whole(known.evidence.get("performance"))
    else:
        base = dict(baselines(services, session, monitor.ref))
    held = limits(known.policy, each.governed.tier, monitor, base, READ)
    return signals(numbers, held, base)


def _row(
    monitor: Monitor, told: dict[str, Signal], alerts: int, last: Seen | None, now: datetime
) -> WatchedRow:
    beyond = [each for each in told.values() if each.status == "fail"]
    if alerts or beyond:
        status, word = "fail", plural(alerts, "alert") if alerts else "Beyond a limit"
    elif last is None:
        status, word = "unknown", "No rows yet"
    else:
        status = min((told["drift"].status, told["performance"].status), key=RANK.__getitem__)
        word = {"pass": "Within limits", "none": "No limit set"}.get(status, "Partly unknown")
    severity = max(each.severity for each in told.values())
    return WatchedRow(
        monitor.ref.name, monitor.ref.version, status, word, told, alerts,
        _last(last, monitor, now), severity,
    )  # fmt: skip


def _last(last: Seen | None, monitor: Monitor, now: datetime) -> str:
    if last is None:
        return "none"
    name = window(last.start, monitor.granularity)
    return f"{name}, {age(last.end, now)} ago" if last.end < now else f"{name}, still open"


def _why(each: Listed) -> str:
    model = each.known.model
    if model is None:
        return "MLflow has no model of this name any more."
    if not model.aliases:
        return "No version is in production: no alias points at one."
    if "performance" not in each.known.evidence:
        return (
            "Its version in production was never measured on an evaluation set, so there is nothing "
            "to compare with."
        )
    return "Its monitor is made when the worker next looks."
