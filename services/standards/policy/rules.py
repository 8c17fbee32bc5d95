"""Reading a policy: every key known, every value checked, every error with its place."""

from services.kernel.identity import Role, Tier
from services.kernel.metric import CATALOGUE
from services.record.canonical import sha256_hex
from services.standards.policy.monitoring import monitoring
from services.standards.policy.reading import Part, read
from services.standards.policy.retraining import budget, retraining
from services.standards.policy.training import Budget, Retraining
from services.standards.policy.types import (
    AppliesTo,
    Clause,
    Policy,
    Requirement,
    ReviewRules,
    Threshold,
    WaiverRules,
)

KEYS = (
    "policy",
    "version",
    "applies_to",
    "evidence",
    "clauses",
    "card",
    "review",
    "waivers",
    "trusted",
    "monitoring",
    "retraining",
    "budget",
    "rollout",
)
KINDS = (
    "performance", "fairness", "explanation", "robustness", "drift", "data_quality", "service_level",
    "kpi", "cost", "training_cost", "lineage", "reproducibility", "supply_chain", "training_report",
    "leakage", "ci",
)  # fmt: skip
KIND_OF_FAMILY = {
    "service": "service_level",
    "kpi": "kpi",
    "challenger": "training_report",
    "training": "training_report",
}
TASKS = ("classification", "regression", "multiclass")
SEPARATE = ("requester", "trainer", "card_author", "last_evidence_editor", "policy_author")
SIGNING = frozenset(
    {Role.OWNER, Role.VALIDATOR, Role.APPROVER, Role.STAKEHOLDER, Role.OPERATOR, Role.CONTRIBUTOR}
)
RESERVED_IDS = ("card-", "evidence-")


def kind_of(metric: str) -> str:
    """Return the kind of evidence a metric is filed under."""
    family = metric.split(".", 1)[0]
    return KIND_OF_FAMILY.get(family, family)


def parse(data: bytes) -> Policy:
    """Read a policy from the bytes of its file.

    Raises
    ------
    PolicyError
        With line and column, for anything that is not exactly a policy of version 1.
    """
    whole = read(data)
    held = whole.members(KEYS, ("policy", "version", "applies_to", "review"))
    if "rollout" in held:
        _rollout(held["rollout"], (whole.keys or {})["rollout"])
    money = budget(held["budget"]) if "budget" in held else Budget()
    evidence = _evidence(held.get("evidence"))
    clauses = _clauses(held.get("clauses"), evidence)
    policy = Policy(
        policy_id=held["policy"].name(),
        version=held["version"].whole(1),
        sha256=sha256_hex(data),
        applies_to=_applies_to(held["applies_to"]),
        evidence=evidence,
        clauses=clauses,
        card_required=_card(held.get("card")),
        review=_review(held["review"]),
        waivers=_waivers(held.get("waivers"), clauses),
        trusted=held["trusted"].truth() if "trusted" in held else False,
        monitoring=monitoring(held["monitoring"]) if "monitoring" in held else None,
        retraining=(
            retraining(held["retraining"], money.currency) if "retraining" in held else Retraining()
        ),
        budget=money,
    )
    if not evidence and all(clause.live for clause in clauses):
        whole.fail("the policy asks for nothing; require at least one kind of evidence")
    return policy


def _rollout(part: Part, key: Part) -> None:
    """Refuse what no rollout can keep yet; the key itself stays reserved."""
    held = part.members(("require", "steps"))
    for each in held["require"].items() if "require" in held else ():
        each.fail(
            f"{each.text()!r} is refused until rollouts exist: promotion is by review alone; "
            "write 'require: []'"
        )
    if "steps" in held:
        key.fail("'rollout' is reserved and cannot be used in this release; remove it")


def _applies_to(part: Part) -> AppliesTo:
    held = part.members(("tier", "alias", "jurisdiction"), ("tier",))
    tiers = [Tier(each.one_of([t.value for t in Tier])) for each in held["tier"].items()]
    if not tiers:
        held["tier"].fail("at least one tier is needed")
    given = {key: held[key].texts() for key in ("alias", "jurisdiction") if key in held}
    return AppliesTo(tuple(tiers), given.get("alias", ("*",)), given.get("jurisdiction", ("*",)))


def _evidence(part: Part | None) -> dict[str, Requirement]:
    if part is None:
        return {}
    return {kind: _requirement(kind, each) for kind, each in part.members(KINDS).items()}


def _requirement(kind: str, part: Part) -> Requirement:
    fair = ("attributes", "favourable", "reference") if kind == "fairness" else ()
    held = part.members(("max_age_days", "min_n", "not_applicable", *fair))
    reference = held.get("reference")
    pairs = reference.members(_given(reference)) if reference else {}
    excused = (
        held["not_applicable"].one_of(("forbidden", "permitted"))
        if "not_applicable" in held
        else ""
    )
    return Requirement(
        kind,
        max_age_days=held["max_age_days"].whole(1) if "max_age_days" in held else None,
        min_n=held["min_n"].whole() if "min_n" in held else 0,
        attributes=held["attributes"].texts() if "attributes" in held else (),
        favourable=_outcome(held["favourable"]) if "favourable" in held else None,
        reference={key: each.text() for key, each in pairs.items()} or None,
        not_applicable=excused == "permitted",
    )


def _given(part: Part) -> list[str]:
    return list(part.value) if isinstance(part.value, dict) else []


def _outcome(part: Part) -> int | str:
    if isinstance(part.value, bool) or not isinstance(part.value, int | str):
        part.fail("the favourable outcome is a whole number or a text")
    return part.value


def _clauses(part: Part | None, evidence: dict[str, Requirement]) -> tuple[Clause, ...]:
    found: dict[str, Clause] = {}
    for each in part.items() if part else []:
        clause = _clause(each, evidence)
        if clause.id in found:
            each.fail(f"there is another clause {clause.id!r}")
        found[clause.id] = clause
    return tuple(found.values())


def _clause(part: Part, evidence: dict[str, Requirement]) -> Clause:
    keys = ("id", "metric", "by", "at_least", "at_most", "versus", "no_worse_by", "live", "task")
    held = part.members(keys, ("id", "metric"))
    name = held["metric"].one_of(CATALOGUE)
    live = held["live"].truth() if "live" in held else False
    kind = kind_of(name)
    if kind not in evidence and not live:
        held["metric"].fail(f"this needs {kind!r} under 'evidence', with its age and rows")
    by = tuple(each.attribute() for each in held["by"].items()) if "by" in held else ()
    if "by" in held and not by:
        held["by"].fail("name at least one attribute, or leave 'by' out")
    if by and "versus" in held:
        held["by"].fail("a comparison with the champion is made over all rows; leave 'by' out")
    if held["id"].text().startswith(RESERVED_IDS):
        held["id"].fail("names that begin with 'card-' or 'evidence-' are the gate's own")
    threshold, versus, margin = _limit(part, held, name)
    return Clause(
        id=held["id"].name(),
        metric=name,
        by=by,
        threshold=threshold,
        versus=versus,
        no_worse_by=margin,
        live=live,
        task=held["task"].one_of(TASKS) if "task" in held else None,
    )


def _limit(
    part: Part, held: dict[str, Part], name: str
) -> tuple[Threshold | None, str | None, float]:
    limits = [key for key in ("at_least", "at_most", "versus") if key in held]
    if len(limits) != 1:
        part.fail("exactly one of 'at_least', 'at_most' and 'versus' is needed")
    if limits[0] != "versus":
        if "no_worse_by" in held:
            held["no_worse_by"].fail("'no_worse_by' belongs to 'versus'")
        bound = held[limits[0]].number()
        wrong = {"higher": "at_most", "lower": "at_least"}.get(CATALOGUE[name].direction)
        if limits[0] == wrong:
            better = CATALOGUE[name].direction
            part.fail(f"{better} is better for {name}, so {wrong!r} would ask for the worse")
        return Threshold(bound, limits[0] == "at_least"), None, 0.0
    if CATALOGUE[name].direction == "none":
        held["metric"].fail("this metric has no better direction, so it cannot be compared")
    margin = held["no_worse_by"].number() if "no_worse_by" in held else 0.0
    if margin < 0:
        held["no_worse_by"].fail("the margin must be 0 or more")
    return None, held["versus"].one_of(("champion",)), margin


def _card(part: Part | None) -> tuple[str, ...]:
    held = part.members(("required",), ("required",)) if part else {}
    return held["required"].texts() if held else ()


def _review(part: Part) -> ReviewRules:
    days = ("due_days", "approval_valid_days", "next_review_days")
    held = part.members(("quorum", "separate", *days), ("quorum",))
    quorum = _quorum(held["quorum"])
    separate = held["separate"].items() if "separate" in held else []
    given = {key: held[key].whole(1) for key in days if key in held}
    return ReviewRules(quorum, tuple(each.one_of(SEPARATE) for each in separate), **given)


def _quorum(part: Part) -> dict[Role, int]:
    quorum = {
        Role(role): each.whole(1) for role, each in part.members([r.value for r in SIGNING]).items()
    }
    if not quorum:
        part.fail("at least one signature is needed")
    return quorum


def _waivers(part: Part | None, clauses: tuple[Clause, ...]) -> WaiverRules:
    if part is None:
        return WaiverRules()
    held = part.members(("max_days", "forbidden_for"), ("max_days",))
    names = [clause.id for clause in clauses]
    never = held["forbidden_for"].items() if "forbidden_for" in held else []
    return WaiverRules(held["max_days"].whole(), tuple(each.one_of(names) for each in never))
