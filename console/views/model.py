"""The head of a model and what drives all its tabs: version, compare-with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, day, instant, shortened
from console.views import production, standing
from console.views.names import Names
from console.views.names import load as names_of
from services.decisions.promotion.types import Promotion
from services.facts.registry.types import Model, SyncState, Version
from services.kernel.text import lookalike
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.governance.types import GovernedModel

if TYPE_CHECKING:
    from services.bootstrap.services import Services

TABS = (
    "Overview", "Card", "Lineage", "Performance", "Fairness", "Explanations", "Drift",
    "Service", "Cost", "Retraining", "Decisions", "Evidence", "Activity",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VersionOption:
    """A version that can be chosen: its number and what is said of it."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one action that is valid for this person, or why there is none.

    Attributes
    ----------
    kind
        ``govern``, ``review``, ``request`` or ``nothing``.
    """

    kind: str
    words: str
    review_id: str = ""


@dataclass(frozen=True, slots=True)
class ModelHead:
    """What stands on top of a model's page."""

    name: str
    alias: str
    alias_version: int | None
    facts: tuple[str, ...]
    governed: bool
    status: str
    word: str
    lead: str
    rest: str
    next: NextStep
    versions: tuple[VersionOption, ...]
    version: int
    compare: int | None
    freshness: str
    stale: str = ""
    suspended: str = ""


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> ModelHead:
    """Return the head of a model; the query names it, and may name version and compare-with.

    Raises
    ------
    NotFound
        When MLflow has no such model.
    NotPermitted
        When this person may not see it.
    """
    name = query.get("name", "")
    now = services.clock.now()
    with services.store.reading() as session:
        governed = services.governance.of(session, name)
        team = governed.team_id if governed else None
        services.authority.require(principal, Action.MODEL_READ, model=name, team=team)
        model = services.registry.model(session, name)
        versions = services.registry.versions(session, name)
        alias = main_alias(model.aliases)
        target = model.aliases.get(alias)
        names = names_of(services, session)
        state = production.load(services, session, name, alias, governed=governed is not None)
        step = _next(services, session, principal, governed, name)
        sync = services.registry.sync_state(session)
        numbers = [version.ref.version for version in versions]
        version = chosen(query.get("version"), numbers, target)
        shown = next((each.ref for each in versions if each.ref.version == version), None)
        out = services.promotions.suspension_of(session, shown) if shown else None
    return ModelHead(
        name, alias, target, _facts(governed, names, lookalike(name)), governed is not None, state.status,
        state.word, state.lead, state.rest, step,
        tuple(VersionOption(v.ref.version, _label(v, model)) for v in versions), version or 0,
        compare_with(query.get("compare"), numbers, version, target),
        f"as of {instant(now)} · mirrored {ago(sync.at, now)}", stale_words(sync),
        _suspended(out),
    )  # fmt: skip


def main_alias(aliases: Mapping[str, int]) -> str:
    """Return the alias that means production: ``champion``, or the only one there is."""
    if standing.DEFAULT_ALIAS in aliases or not aliases:
        return standing.DEFAULT_ALIAS
    return min(aliases)


def chosen(asked: str | None, numbers: list[int], target: int | None) -> int | None:
    """Return the version to show: the one asked for, else the governed one, else the newest."""
    if asked and asked.isdecimal() and int(asked) in numbers:
        return int(asked)
    if target in numbers:
        return target
    return numbers[0] if numbers else None


def compare_with(
    asked: str | None, numbers: list[int], version: int | None, target: int | None
) -> int | None:
    """Return the version to compare with: the one asked for, else the one in production."""
    if asked and asked.isdecimal() and int(asked) in numbers and int(asked) != version:
        return int(asked)
    return target if target != version and asked is None and target in numbers else None


def stale_words(sync: SyncState) -> str:
    """Return why the mirror is not fresh, or an empty text when it is."""
    if sync.ok or not sync.reason:
        return ""
    seen = f"this page shows what was mirrored {instant(sync.at)}" if sync.at else "nothing is here"
    return f"MLflow could not be read: {sync.reason} Meanwhile {seen}."


def _suspended(out: Promotion | None) -> str:
    if out is None or out.suspended is None:
        return ""
    since = day(out.applied_at or out.authorised_at)
    return f"v{out.suspended[0]} is suspended since {since}; only a rollback to it ends that."


def _facts(governed: GovernedModel | None, names: Names, odd: str) -> tuple[str, ...]:
    told = (f"this name {odd}",) if odd else ()
    if governed is None:
        return ("not governed", *told)
    legal = governed.legal_class
    team, owner = names.team(governed.team_id), names.person(governed.owner_id)
    return f"tier {governed.tier.value}", legal, team, owner, *told


def _label(version: Version, model: Model) -> str:
    number = version.ref.version
    held = ", ".join(sorted(a for a, v in model.aliases.items() if v == number))
    state = "" if version.status in ("READY", "") else f", {version.status.lower()}"
    return f"v{number} ({shortened(held, 24)}){state}" if held else f"v{number}{state}"


def _next(
    services: "Services", session: Session, principal: Principal, governed: GovernedModel | None,
    name: str,
) -> NextStep:  # fmt: skip
    if governed is None:
        if services.authority.permits(principal, Action.MODEL_GOVERN):
            return NextStep("govern", "Begin governance")
        return NextStep("nothing", "An owner or an administrator must begin its governance")
    opened = services.reviews.list(session, model=name, state="open")
    if opened:
        first = opened[0]
        of = f"v{first.ref.version}" if first.subject_kind == "version" else "a training"
        return NextStep("review", f"Open the review of {of}", first.review_id)
    permits = services.authority.permits
    if permits(principal, Action.REVIEW_REQUEST, model=name, team=governed.team_id):
        return NextStep("request", "You may ask for approval below")
    return NextStep("nothing", "Nothing waits for you here")
