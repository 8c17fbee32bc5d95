"""The drift page of one watched version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.figures.quadrant import Quadrant
from console.format import count, instant, plural
from console.views import standing
from console.views.drift import answers as answered
from console.views.drift import asking as questions
from console.views.drift import columns as counted
from console.views.drift import history as told
from console.views.drift import pair as paired
from console.views.drift import skew as skewed
from console.views.drift import stream, weight
from console.views.drift.answers import Answers
from console.views.drift.asking import Asking
from console.views.drift.bar import Bar, bar, segments
from console.views.drift.columns import METRICS, Columns
from console.views.drift.limits import Limit, limits
from console.views.drift.pair import Asked, Pair
from console.views.drift.picture import Picture, picture
from console.views.drift.scope import Scope, scope
from console.views.drift.skew import Skew
from console.views.model import main_alias
from console.views.models import sees
from services.facts.window.types import Seen
from services.kernel.identity import Tier
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class DriftView:
    """All of the page; what was not measured says so in place of itself."""

    name: str
    version: int
    sentence: str
    badges: tuple[tuple[str, str], ...]
    note: str
    bar: Bar
    picture: Picture | None = None
    asked: Asked | None = None
    pair: Pair | None = None
    weight: Quadrant | str = ""
    columns: Columns | None = None
    skew: Skew | None = None
    answers: Answers | None = None
    monitor_id: str = ""
    asking: Asking | None = None


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> DriftView | None:
    """Return the page of a model, or None where nothing of it is watched.

    Raises
    ------
    NotFound
        When MLflow has no such model.
    NotPermitted
        When this person may not see it.
    """
    name = query.get("name", "")
    with services.store.reading() as session:
        governed = services.governance.of(session, name)
        team = governed.team_id if governed else None
        services.authority.require(principal, Action.MODEL_READ, model=name, team=team)
        model = services.registry.model(session, name)
        monitors = services.windows.of_model(session, name)
        if not monitors:
            return None
        asked = query.get("version")
        monitor = next((m for m in monitors if str(m.ref.version) == asked), monitors[0])
        seen = services.windows.seen(session, monitor)
        where = scope(monitor, seen, query)
        policy = standing.policy_of(services, session, name, main_alias(model.aliases))
        base = answered.baselines(services, session, monitor.ref)
        metrics = (*where.statistic.metrics, *told.WHOLE, *METRICS, *skewed.METRICS)
        tier = governed.tier if governed else Tier.LOW
        held = limits(policy, tier, monitor, dict(base), metrics, where.segment)
        history = told.load(services, session, where, seen)
        offered = bar(
            _watched(services, session, principal, name),
            monitors,
            where,
            seen,
            segments(services, session, where),
        )
        frame = DriftView(
            name,
            monitor.ref.version,
            _head(services, where, seen),
            (),
            stream.note(services, session, monitor),
            offered,
        )
        if where.last is None:
            return frame
        full = _full(services, session, frame, Held(history, seen, held, base), query)
        if full.asked is None:
            return full
        found = questions.load(services, session, principal, history, full.asked, team)
        return replace(full, asking=found)


@dataclass(frozen=True, slots=True)
class Held:
    """What the parts of the page are made from."""

    history: told.History
    seen: Sequence[Seen]
    limits: Mapping[str, Limit]
    baselines: tuple[tuple[str, float], ...]


def _full(
    services: "Services", session: Session, frame: DriftView, held: Held, query: Mapping[str, str]
) -> DriftView:
    history, limited = held.history, held.limits
    frozen = tuple(sorted(limited.items()))
    drawn = picture(history, frozen, query.get("feature", ""))
    said = answered.answers(history, frozen, query.get("metric", ""), held.baselines)
    frame = replace(
        frame, badges=badges(drawn, history.scope, limited), picture=drawn, answers=said,
        monitor_id=history.scope.monitor.monitor_id,
    )  # fmt: skip
    asked = paired.asked(history, held.seen, query)
    if asked is None:
        return frame
    return replace(
        frame, asked=asked,
        pair=paired.load(services, session, history, asked, limited),
        weight=weight.load(services, session, history, asked, limited),
        columns=counted.load(services, session, history.scope, asked.window, limited),
        skew=skewed.load(services, session, history.scope, asked.window, limited),
    )  # fmt: skip


def _watched(
    services: "Services", session: Session, principal: Principal, name: str
) -> tuple[str, ...]:
    """Return the watched models that this person may see, the one that is shown among them."""
    watched = {each.ref.name for each in services.windows.monitors(session)}
    governed = services.governance.all(session)
    seen = {g.name for g in governed if g.name in watched and sees(services, principal, g)}
    return tuple(sorted(seen | {name}))


def badges(drawn: Picture, where: Scope, held: Mapping[str, Limit]) -> tuple[tuple[str, str], ...]:
    """Return status and word of what stands beside the title; green is only a measured pass."""
    found: list[tuple[str, str]] = []
    if drawn.breaches:
        found.append(("fail", plural(drawn.breaches, "breach", "breaches")))
    elif not any(name in held for name in where.statistic.metrics):
        found.append(("none", "No limit set"))
    elif drawn.gaps < drawn.measured:
        found.append(("pass", "Within the limit"))
    if drawn.gaps:
        found.append(("unknown", f"{count(drawn.gaps)} not measured"))
    return tuple(found)


def _head(services: "Services", where: Scope, seen: Sequence[Seen]) -> str:
    monitor = where.monitor
    state = (
        "in production" if monitor.ended_at is None else f"served until {instant(monitor.ended_at)}"
    )
    rhythm = {
        "5min": "five-minute",
        "hour": "hourly",
        "day": "daily",
        "month": "monthly",
        "year": "yearly",
    }
    against = f"the evaluation set of {count(monitor.reference_rows)} rows"
    return (
        f"v{monitor.ref.version}, {state}, {rhythm[monitor.granularity]} windows against {against}"
        f" · {plural(len(seen), 'window')} measured · as of {instant(services.clock.now())}"
    )
