"""All governed models as lines, worked out once for each state of the trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlmodel import Session

from console.views import inventory, standing
from console.views.cost.lately import DAYS
from console.views.inventory import Known, ModelRow
from console.views.model import main_alias
from console.views.names import Names
from console.views.names import load as names_of
from console.views.worst import DRIFT, RATIO
from services.facts.cost import spending
from services.facts.cost.spending import NOTHING_SPENT
from services.facts.registry.types import Model
from services.judgement.gate.measured import P_ADJUSTED, SELECTION_RATE
from services.kernel.identity import Tier
from services.record.trail.unit_of_work import Store
from services.standards.governance.types import GovernedModel
from services.standards.policy.types import Policy

if TYPE_CHECKING:
    from services.bootstrap.services import Services

SESSIONS = "session:"
READ = (RATIO, SELECTION_RATE, P_ADJUSTED, *DRIFT)
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Listed:
    """A governed model, its line, and what the line was worked out from."""

    governed: GovernedModel
    row: ModelRow
    known: Known


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every governed model, every model of MLflow by name, and what people are called."""

    listed: tuple[Listed, ...]
    mirrored: Mapping[str, Model]
    names: Names


_kept: WeakKeyDictionary[Store, tuple[tuple[int, int], Fleet]] = WeakKeyDictionary()


def load(services: "Services", session: Session, now: datetime) -> Fleet:
    """Return all models as they stand; what a person may not see is left out by the caller.

    Notes
    -----
    Nothing that is read here changes without an event, so the lines are kept until the trail grows
    (who signs in and out aside), and for a minute at most, because evidence gets older by itself.
    When the trail grew, the lines of models about which nothing changed are taken over.
    """
    key = (services.trail.last(session, SESSIONS), int(now.timestamp()) // _SECONDS)
    kept = _kept.get(services.store)
    if kept is not None and kept[0] == key:
        return kept[1]
    same_minute = kept is not None and kept[0][1] == key[1]
    fleet = stood(services, session, now, None, kept[1] if kept and same_minute else None)
    _kept[services.store] = (key, fleet)
    return fleet


def stood(
    services: "Services",
    session: Session,
    now: datetime,
    at: datetime | None,
    before: Fleet | None = None,
) -> Fleet:
    """Return all models as they stood at an instant; None for as they stand.

    Parameters
    ----------
    before
        Lines of the same minute, to be taken over where nothing changed.
    """
    names = names_of(services, session)
    governed = services.governance.all(session, at)
    mirrored = {model.name: model for model in services.registry.models(session, at)}
    known = gather(services, session, governed, mirrored, at)
    old = {each.governed.name: each for each in before.listed} if before else {}
    listed = tuple(_listed(each, old.get(each.governed.name), names, at or now) for each in known)
    return Fleet(listed, mirrored, names)


def _listed(known: Known, old: Listed | None, names: Names, now: datetime) -> Listed:
    who, team = names.person(known.governed.owner_id), names.team(known.governed.team_id)
    if old is not None and old.known == known and (old.row.owner, old.row.team) == (who, team):
        return old
    return Listed(known.governed, inventory.row(known, names, now), known)


def gather(
    services: "Services",
    session: Session,
    governed: Sequence[GovernedModel],
    mirrored: Mapping[str, Model],
    at: datetime | None,
) -> list[Known]:
    """Return what is known of governed models, in as many queries for one as for a thousand."""
    asked = services.reviews.list(session, state="open", at=at)
    reviews = {each.ref.name for each in asked if each.subject_kind == "version"}
    applied = {
        (p.ref.name, p.alias.casefold()): p for p in services.promotions.all_applied(session, at)
    }
    leads = {each.name: number for each in governed if (number := leading(mirrored, each.name))}
    refs = services.registry.refs(session, leads, at)
    policies = _policies(services, session, governed, mirrored, at)
    metrics = {c.metric for p in policies.values() if p for c in p.clauses} | set(READ)
    evidence = services.evidence.latest_for_models(session, list(refs), sorted(metrics), at)
    excused = services.waivers.everywhere(session, at)
    back = taken_back(services, session, [p.review_id for p in applied.values()], at)
    day = (at or services.clock.now()).astimezone(UTC).date()
    spend = spending.lately(session, day + timedelta(days=1), DAYS)
    found: list[Known] = []
    for each in governed:
        model = mirrored.get(each.name)
        alias = main_alias(model.aliases) if model else standing.DEFAULT_ALIAS
        policy = policies[each.tier, alias, each.jurisdictions]
        ref = refs.get(each.name)
        place = (ref.name, ref.version, ref.run_id) if ref else ("", 0, "")
        promotion = applied.get((each.name, alias.casefold()))
        found.append(
            Known(
                each, model, ref, evidence.get(place, {}), promotion, policy,
                each.name in reviews, *excused.get(place, ((), ())),
                taken_back=promotion is not None and promotion.review_id in back,
                spend=spend.get(each.name, NOTHING_SPENT),
            )
        )  # fmt: skip
    return found


Bound = tuple[Tier, str, tuple[str, ...]]


def _policies(
    services: "Services",
    session: Session,
    governed: Sequence[GovernedModel],
    mirrored: Mapping[str, Model],
    at: datetime | None,
) -> dict[Bound, Policy | None]:
    """Return the policy of each tier, alias and jurisdiction that occurs."""
    found: dict[Bound, Policy | None] = {}
    for each in governed:
        model = mirrored.get(each.name)
        alias = main_alias(model.aliases) if model else standing.DEFAULT_ALIAS
        key = (each.tier, alias, each.jurisdictions)
        if key not in found:
            found[key] = standing.policy_of(services, session, each.name, alias, at)
    return found


def taken_back(
    services: "Services", session: Session, reviews: list[str], at: datetime | None = None
) -> set[str]:
    """Return the reviews of which a signature was taken back, in one query."""
    given = services.signatures.of_reviews(session, reviews)
    revoked = ((each, each.revoked_at) for each in given)
    return {each.draft.review_id for each, on in revoked if on and (at is None or on <= at)}


def leading(mirrored: Mapping[str, Model], name: str) -> int | None:
    """Return the version that stands for a model: the one in production, else the newest."""
    model = mirrored.get(name)
    return model and (model.aliases.get(main_alias(model.aliases)) or model.latest_version)
