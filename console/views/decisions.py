"""What people decided about a model: reviews, promotions, rollbacks, exemptions."""

from collections.abc import Collection, Mapping, Sequence
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
from services.kernel.identity import ModelRef
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
    """A version that an alias may be put back to.

    Attributes
    ----------
    lifts
        Whether it is suspended, so that going back ends that.
    """

    alias: str
    current: int | None
    target: int
    words: str
    lifts: bool = False


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
        ours = {p.applied_at for p in promotions if p.applied_at}
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
        tuple(_move(m, ago(m.observed_at, now), ours=m.observed_at in ours) for m in moves),
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
        targets = {each.target for each in promotions if each.target}
        suspension_of = services.promotions.suspension_of
        out = {each for each in targets if suspension_of(session, each)}
    options = options_of(promotions, standing, out)
    why = "Every version that ever stood on an alias of this model stands there now."
    return WayBack(why, options, allowed=True)


def options_of(
    promotions: Sequence[Promotion],
    standing: Mapping[str, int],
    suspended: Collection[ModelRef] = (),
) -> tuple[BackOption, ...]:
    """Return the versions that were once applied to an alias that points elsewhere now."""
    options: dict[tuple[str, int], BackOption] = {}
    for each in promotions:
        now, target = standing.get(each.alias), each.target
        if each.applied_at is not None and target is not None and now != target.version:
            at, lifts = f"v{now}" if now else "nothing", target in suspended
            ends = ", ends its suspension" if lifts else ""
            when = f", applied {day(each.applied_at)}"
            words = f"{each.alias}: {at} → v{target.version}{ends}{when}"
            option = BackOption(each.alias, now, target.version, words, lifts)
            options.setdefault((each.alias, target.version), option)
    return tuple(options.values())


def team_of(services: "Services", session: Session, name: str) -> str | None:
    """Return the team that answers for a model, or None while nobody does."""
    governed = services.governance.of(session, name)
    return governed.team_id if governed else None


def promotion_row(each: Promotion, names: Names) -> DecisionRow:
    """Return a promotion as a line."""
    status, word = STATES[each.state]
    replaced = each.authorisation.replaces
    did = "suspended" if each.suspended else "replaced"
    detail = each.reason or f"{did} " + (f"v{replaced.version}" if replaced else "nothing")
    verb = "back to " if each.is_rollback or (each.suspended and each.target) else ""
    return DecisionRow(
        f"{each.alias} → {verb}{goes_to(each)}", status, word,
        day(each.applied_at or each.authorised_at), names.person(each.authorisation.requested_by),
        shortened(detail, _LONGEST), each.review_id,
    )  # fmt: skip


def goes_to(each: Promotion) -> str:
    """Return where a promotion puts its alias, in a word."""
    return f"v{each.target.version}" if each.target else "nothing"


def _review(row: reviews.ReviewRow) -> DecisionRow:
    when, _, who = row.requested.partition(", ")
    return DecisionRow(row.what, row.status, row.word, when, who, row.signed, row.review_id)


def _exemption(each: Exemption, names: Names) -> DecisionRow:
    who = names.person(each.signed_by)
    return DecisionRow(
        each.kind.replace("_", " "), "none", "Not applicable", day(each.at), who,
        shortened(each.reason, _LONGEST),
    )  # fmt: skip


def _move(move: AliasMove, when: str, *, ours: bool) -> DecisionRow:
    begin, end = (f"v{v}" if v else "nothing" for v in (move.from_version, move.to_version))
    what = f"{move.alias}: {begin} → {end}"
    if move.source == "sync" and not ours:
        return DecisionRow(what, "fail", "Sync", when, "outside", "")
    word = "Promotion" if ours else move.source.capitalize()
    return DecisionRow(what, "info", word, when, "the console", "")
