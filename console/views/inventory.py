"""One governed model as a line of the inventory, from what was read for all of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.format import day, shortened
from console.theme import GLYPH
from console.views.cost.lately import NO_COST, LatelyCost, lately
from console.views.model import main_alias
from console.views.names import Names
from console.views.production import same
from console.views.worst import RATIO, drifts, worst_drift, worst_ratio
from services.decisions.promotion.types import Promotion
from services.facts.cost.spending import NOTHING_SPENT, ModelSpend
from services.facts.evidence.types import Evidence
from services.facts.registry.types import Model
from services.judgement.gate.rules import judge
from services.judgement.gate.types import Case, Reason, Result, Verdict
from services.judgement.waiver.types import Exemption, Waiver
from services.kernel.identity import ModelRef
from services.standards.governance.types import GovernedModel
from services.standards.policy.types import Policy

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One governed model.

    Attributes
    ----------
    state
        Glyph and word of the governance state, as on a canvas.
    gaps
        What is missing, stale or failing, each as glyph and words.
    ratio
        The worst impact ratio over groups, or None when never measured.
    drift
        The largest distance of any feature in the newest closed window, or None when nobody watches.
    flags
        Words of the attention strip that this model answers to.
    cost
        Of the last 30 days.
    """

    name: str
    title: str
    tier: str
    legal_class: str
    state: str
    approved: str
    evidence: str
    gaps: tuple[str, ...]
    ratio: float | None
    ratio_n: int | None
    ratio_fails: bool
    days_left: int | None
    next_duty: str
    owner: str
    team: str
    flags: frozenset[str] = frozenset()
    drift: float | None = None
    drift_fails: bool = False
    cost: LatelyCost = NO_COST


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one governed model.

    Attributes
    ----------
    ref
        The version that stands for the model: the one in production, else the newest; None when
        MLflow has none.
    taken_back
        Whether somebody took a signature of its promotion back.
    """

    governed: GovernedModel
    model: Model | None
    ref: ModelRef | None
    evidence: Mapping[str, Evidence]
    promotion: Promotion | None
    policy: Policy | None
    in_review: bool
    waivers: Sequence[Waiver] = ()
    exemptions: Sequence[Exemption] = ()
    taken_back: bool = False
    spend: ModelSpend = NOTHING_SPENT


def row(known: Known, names: Names, now: datetime) -> ModelRow:
    """Return a governed model as a line."""
    name = known.governed.name
    verdict = _verdict(known, now)
    state = state_of(known, verdict)
    required = known.policy.evidence if known.policy else {}
    have = sum(kind in known.evidence for kind in required)
    worst, moved = worst_ratio(known.evidence), worst_drift(known.evidence)
    duty, left = next_duty(known, now)
    version = f" v{known.ref.version}" if known.ref else ""
    return ModelRow(
        name, f"{shortened(name, _LONGEST)}{version}", known.governed.tier.value,
        known.governed.legal_class, state,
        day(known.promotion.applied_at) if known.promotion else "–",
        f"{have}/{len(required)}" if required else "–", gaps_of(known, verdict),
        worst.value if worst else None, worst.n if worst else None, _fails(verdict, RATIO), left,
        duty, names.person(known.governed.owner_id), names.team(known.governed.team_id),
        _flags(known, verdict, state, left), moved.value if moved else None, drifts(known.policy, known.governed.tier, known.evidence),
        lately(known.spend),
    )  # fmt: skip


def _verdict(known: Known, now: datetime) -> Verdict | None:
    if known.policy is None or known.ref is None:
        return None
    alias = main_alias(known.model.aliases) if known.model else ""
    case = Case(
        known.ref, alias, known.evidence, waivers=known.waivers, exemptions=known.exemptions
    )
    return judge(known.policy, case, now)


def state_of(known: Known, verdict: Verdict | None) -> str:
    """Return glyph and word of where a model stands."""
    target = main_alias(known.model.aliases) in known.model.aliases if known.model else False
    if known.promotion and known.ref and target and same(known.promotion, known.ref):
        if known.taken_back:
            return f"{GLYPH['fail']} Not approved"
        waived = verdict is not None and verdict.result is Result.WAIVED
        return f"{GLYPH['waived']} Waived" if waived else f"{GLYPH['pass']} Approved"
    if target:
        return f"{GLYPH['fail']} " + ("Bypassed" if known.promotion else "Not approved")
    if known.in_review:
        return f"{GLYPH['info']} In review"
    return f"{GLYPH['unknown']} Not in use"


def gaps_of(known: Known, verdict: Verdict | None) -> tuple[str, ...]:
    """Return what is failing, missing, stale and not applicable: all look different."""
    clauses = verdict.clauses if verdict else ()
    failing = sum(clause.result is Result.FAIL for clause in clauses)
    required = known.policy.evidence if known.policy else {}
    excused = {each.kind for each in known.exemptions} & set(required) - set(known.evidence)
    missing = sum(kind not in known.evidence for kind in required) - len(excused)
    stale = len({c.evidence_kind for c in clauses if c.reason is Reason.STALE})
    counted = (
        ("fail", failing, "failing"),
        ("unknown", missing, "missing"),
        ("stale", stale, "stale"),
        ("none", len(excused), "n/a"),
    )
    return tuple(f"{GLYPH[key]} {number} {word}" for key, number, word in counted if number)


def next_duty(known: Known, now: datetime) -> tuple[str, int | None]:
    """Return what is due next for a model, and in how many whole days."""
    duties: list[tuple[datetime, str]] = []
    if known.policy is not None:
        for kind, need in known.policy.evidence.items():
            if need.max_age_days and kind in known.evidence:
                ends = known.evidence[kind].produced_at + timedelta(days=need.max_age_days)
                duties.append((ends, f"Measure {kind.replace('_', ' ')}"))
    if known.promotion and known.promotion.authorisation.due_again_at:
        duties.append((known.promotion.authorisation.due_again_at, "Review again"))
    if not duties:
        return "–", None
    at, words = min(duties)
    return words, (at - now).days


def _fails(verdict: Verdict | None, metric: str) -> bool:
    clauses = verdict.clauses if verdict else ()
    return any(c.metric == metric and c.result is Result.FAIL for c in clauses)


def _flags(known: Known, verdict: Verdict | None, state: str, left: int | None) -> frozenset[str]:
    soon = 30
    held = {
        "unapproved": state.endswith(("Bypassed", "Not approved")),
        "failing": verdict is not None and verdict.count(Result.FAIL) > 0,
        "stale": left is not None and left <= soon,
        "review": known.in_review,
        "drifting": drifts(known.policy, known.governed.tier, known.evidence),
    }
    return frozenset(name for name, holds in held.items() if holds)
