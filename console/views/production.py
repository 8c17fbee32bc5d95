"""What runs in production under an alias: may it, since when, and how long its evidence holds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import day, plural
from console.views import standing
from services.decisions.promotion.types import Promotion
from services.judgement.gate.types import Result, Verdict
from services.kernel.identity import ModelRef

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Production:
    """The answer in one sentence: a badge, what is so, and the ground.

    Attributes
    ----------
    state
        ``approved``, ``waived``, ``failing``, ``bypassed``, ``unapproved``, ``nothing`` or
        ``ungoverned``.
    days_valid
        Whole days until some required evidence is stale; None when it never is.
    """

    state: str
    status: str
    word: str
    lead: str
    rest: str
    promotion: Promotion | None = None
    verdict: Verdict | None = None
    days_valid: int | None = None


def load(
    services: "Services", session: Session, name: str, alias: str, *, governed: bool
) -> Production:
    """Return what runs under an alias and whether it may."""
    champion = services.registry.champion(session, name, alias)
    if not governed:
        return _ungoverned(champion)
    promotion = services.promotions.applied(session, name, alias)
    if champion is None:
        return Production(
            "nothing", "none", "Not in production", "No version is in production;",
            f"{alias} points nowhere.", promotion,
        )  # fmt: skip
    if promotion is None or not same(promotion, champion):
        return _unapproved(champion, promotion)
    given = services.signatures.of_review(session, promotion.review_id)
    if any(each.is_revoked for each in given):
        return _taken_back(champion, promotion)
    verdict = standing.verdict_of(services, session, champion, alias)
    policy = standing.policy_of(services, session, name, alias)
    evidence = services.evidence.latest_by_kind(session, champion)
    days = standing.days_valid(services, policy, evidence) if policy else None
    return judged(champion, promotion, verdict, days)


def same(promotion: Promotion, champion: ModelRef) -> bool:
    """Tell whether the version in production is the one that was promoted: same run, not number."""
    return promotion.leads_to(champion)


def judged(
    champion: ModelRef, promotion: Promotion, verdict: Verdict | None, days: int | None
) -> Production:
    """Return how an approved version stands today."""
    lead = f"Version {champion.version} is in production,"
    rest = f"approved {day(promotion.applied_at or promotion.authorised_at)}{_valid(days)}."
    kept = (promotion, verdict, days)
    if verdict is None:
        why = f"{rest} No policy applies to it now."
        return Production("failing", "unknown", "Not judged", lead, why, *kept)
    if verdict.result is Result.WAIVED:
        waived = plural(verdict.count(Result.WAIVED), "waiver")
        return Production("waived", "waived", f"May run, {waived}", lead, rest, *kept)
    if verdict.result.permits:
        return Production("approved", "pass", "May run", lead, rest, *kept)
    failed, unknown = verdict.count(Result.FAIL), verdict.count(Result.UNKNOWN)
    said = f"{failed} failing and {unknown} unknown" if failed else f"{unknown} unknown"
    why = f"{rest} Today the gate finds {said} of {plural(len(verdict.clauses), 'clause')}."
    status = "fail" if failed else "unknown"
    return Production("failing", status, "Gate not passed", lead, why, *kept)


def _valid(days: int | None) -> str:
    if days is None:
        return ""
    return (
        f", evidence valid {plural(days, 'more day', 'more days')}"
        if days >= 0
        else ", evidence stale"
    )


def _ungoverned(champion: ModelRef | None) -> Production:
    if champion is None:
        return Production(
            "ungoverned", "unknown", "Not governed", "Nobody governs this model yet;",
            "nothing can be requested before.",
        )  # fmt: skip
    return Production(
        "ungoverned", "fail", "Ungoverned", f"Version {champion.version} is in production,",
        "and nobody governs this model.",
    )  # fmt: skip


def _taken_back(champion: ModelRef, promotion: Promotion) -> Production:
    lead = f"Version {champion.version} is in production, and its approval was taken back;"
    rest = "roll back, or have it reviewed again."
    return Production("unapproved", "fail", "Not approved", lead, rest, promotion)


def _unapproved(champion: ModelRef, promotion: Promotion | None) -> Production:
    lead = f"Version {champion.version} is in production without approval;"
    if promotion is None:
        rest = "no promotion of this console put it there."
        return Production("unapproved", "fail", "Not approved", lead, rest)
    if promotion.target is None:
        rest = f"{promotion.ref.label} was suspended, and somebody set the alias outside."
        return Production("bypassed", "fail", "Moved outside", lead, rest, promotion)
    rest = f"version {promotion.ref.version} was approved, and somebody moved the alias outside."
    return Production("bypassed", "fail", "Moved outside", lead, rest, promotion)
