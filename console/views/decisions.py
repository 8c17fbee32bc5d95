"""What people decided about a model: reviews, promotions, rollbacks, exemptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, day, shortened
from console.views import reviews, standing
from console.views.model import ModelHead
from console.views.names import Names
from console.views.names import load as names_of
from services.decisions.promotion.types import Promotion, PromotionState
from services.facts.registry.types import AliasMove
from services.judgement.waiver.types import Exemption
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One review, promotion or exemption."""

    what: str
    status: str
    word: str
    when: str
    by: str
    detail: str
    review_id: str = ""


@dataclass(frozen=True, slots=True)
class BackOption:
    """A version that an alias may be put back to."""

    alias: str
    current: int | None
    target: int
    words: str


@dataclass(frozen=True, slots=True)
class WayBack:
    """Whether this person may roll back, and to what."""

    why: str
    options: tuple[BackOption, ...]
    allowed: bool


@dataclass(frozen=True, slots=True)
class DecisionsView:
    """What the decisions tab shows."""

    name: str
    version: int
    reviews: tuple[DecisionRow, ...]
    promotions: tuple[DecisionRow, ...]
    exemptions: tuple[DecisionRow, ...]
    moves: tuple[DecisionRow, ...]
    back: WayBack
    excusable: tuple[str, ...] = ()
    may_excuse: bool = False


STATES = {
    PromotionState.PENDING: ("info", "Pending"),
    PromotionState.APPLIED: ("info", "Applied"),
    PromotionState.SUPERSEDED: ("none", "Superseded"),
    PromotionState.ROLLED_BACK: ("stale", "Rolled back"),
    PromotionState.FAILED: ("fail", "Failed"),
    PromotionState.CANCELLED: ("none", "Cancelled"),
}
_MOST, _LONGEST = 30, 80


def load(services: "Services", principal: Principal, head: ModelHead) -> DecisionsView:
    """Return what people decided about a model."""
    now = services.clock.now()
    with services.store.reading() as session:
        names = names_of(services, session)
        asked = list(reversed(services.reviews.list(session, model=head.name)))[:_MOST]
        promotions = services.promotions.history(session, head.name)[:_MOST]
        ref = services.registry.ref(session, head.name, head.version)
        exempt = services.waivers.exemptions(session, ref)
        moves = services.registry.alias_moves(session, head.name)[:_MOST]
        policy = standing.policy_of(services, session, head.name, head.alias)
        team = team_of(services, session, head.name)
    excusable = (
        tuple(k for k, need in policy.evidence.items() if need.not_applicable) if policy else ()
    )
    may = services.authority.permits(principal, Action.CLAUSE_EXCUSE, model=head.name, team=team)
    known = {each.kind for each in exempt}
    return DecisionsView(
        head.name, head.version,
        tuple(_review(reviews.row(services, each, names, mine=False)) for each in asked),
        tuple(promotion_row(each, names) for each in promotions),
        tuple(_exemption(each, names) for each in exempt),
        tuple(
            DecisionRow(
                _move(m), "fail" if m.source == "sync" else "info", m.source.capitalize(),
                ago(m.observed_at, now), "outside" if m.source == "sync" else "the console", "",
            )
            for m in moves
        ),
        way_back(services, principal, head.name, promotions, team),
        tuple(kind for kind in excusable if kind not in known), may,
    )  # fmt: skip


def way_back(
    services: "Services", principal: Principal, name: str, promotions: Sequence[Promotion],
    team: str | None,
) -> WayBack:  # fmt: skip
    """Return whether this person may roll back, and to which versions."""
    if not services.authority.permits(principal, Action.ROLLBACK, model=name, team=team):
        return WayBack("An approver of this model may roll an alias back.", (), allowed=False)
    with services.store.reading() as session:
        standing = services.registry.aliases(session, name)
    options = options_of(promotions, standing)
    why = "Every version that ever stood on an alias of this model stands there now."
    return WayBack(why, options, allowed=True)


def options_of(
    promotions: Sequence[Promotion], standing: Mapping[str, int]
) -> tuple[BackOption, ...]:
    """Return the versions that were once applied to an alias that points elsewhere now."""
    options: dict[tuple[str, int], BackOption] = {}
    for each in promotions:
        now = standing.get(each.alias)
        if each.applied_at is not None and now != each.ref.version:
            at = f"v{now}" if now else "nothing"
            words = f"{each.alias}: {at} → v{each.ref.version}, applied {day(each.applied_at)}"
            key = (each.alias, each.ref.version)
            options.setdefault(key, BackOption(each.alias, now, each.ref.version, words))
    return tuple(options.values())


def team_of(services: "Services", session: Session, name: str) -> str | None:
    """Return the team that answers for a model, or None while nobody does."""
    governed = services.governance.of(session, name)
    return governed.team_id if governed else None


def promotion_row(each: Promotion, names: Names) -> DecisionRow:
    """Return a promotion as a line."""
    status, word = STATES[each.state]
    replaced = each.authorisation.replaces
    detail = each.reason or (f"replaced v{replaced.version}" if replaced else "replaced nothing")
    verb = "back to " if each.is_rollback else ""
    return DecisionRow(
        f"{each.alias} → {verb}v{each.ref.version}", status, word,
        day(each.applied_at or each.authorised_at), names.person(each.authorisation.requested_by),
        shortened(detail, _LONGEST), each.review_id,
    )  # fmt: skip


def _review(row: reviews.ReviewRow) -> DecisionRow:
    when, _, who = row.requested.partition(", ")
    return DecisionRow(row.what, row.status, row.word, when, who, row.signed, row.review_id)


def _exemption(each: Exemption, names: Names) -> DecisionRow:
    who = names.person(each.signed_by)
    return DecisionRow(
        each.kind.replace("_", " "), "none", "Not applicable", day(each.at), who,
        shortened(each.reason, _LONGEST),
    )  # fmt: skip


def _move(move: AliasMove) -> str:
    begin, end = (f"v{v}" if v else "nothing" for v in (move.from_version, move.to_version))
    return f"{move.alias}: {begin} → {end}"
