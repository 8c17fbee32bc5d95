"""What several tabs ask of one version: its policy, the verdict on it, why a kind is missing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, short
from services.facts.evidence.types import Evidence
from services.judgement.gate.types import Verdict
from services.kernel.error import NotFound
from services.kernel.identity import ModelRef
from services.standards.policy.types import Policy, Threshold

if TYPE_CHECKING:
    from services.bootstrap.services import Services

DEFAULT_ALIAS = "champion"
SNIPPET = """import json, mlflow

# beside the model, in the run that registered it
holdout.to_parquet("data.parquet", index=False)
schema = {"task": "classification", "target": "approve", "prediction": None,
          "favourable": 1, "protected": ["race", "sex"], "segments": [],
          "weight": None, "id": None, "time": None}
with open("schema.json", "w") as file:
    json.dump(schema, file)
mlflow.log_artifact("data.parquet", "evaluation")
mlflow.log_artifact("schema.json", "evaluation")"""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a kind of evidence is not there.

    Attributes
    ----------
    status
        ``none`` when it does not apply, else ``unknown``.
    """

    status: str
    why: str


def policy_of(
    services: "Services", session: Session, name: str, alias: str, at: datetime | None = None
) -> Policy | None:
    """Return the policy that applies, or None when nobody governs the model or none applies."""
    try:
        return services.gate.policy(session, name, alias, at)
    except NotFound:
        return None


def verdict_of(services: "Services", session: Session, ref: ModelRef, alias: str) -> Verdict | None:
    """Return the gate's verdict, or None when no policy applies."""
    if policy_of(services, session, ref.name, alias) is None:
        return None
    return services.gate.check(session, ref, alias, services.cards.filled(session, ref))


def limit_of(policy: Policy | None, metric: str) -> Threshold | None:
    """Return the limit that a policy sets on a metric, or None when it sets none."""
    if policy is None:
        return None
    found = (c.threshold for c in policy.clauses if c.metric == metric and c.threshold is not None)
    return next(found, None)


def missing(services: "Services", session: Session, ref: ModelRef, kind: str) -> Missing:
    """Return why nothing of a kind is on file."""
    for exempt in services.waivers.exemptions(session, ref):
        if exempt.kind == kind:
            return Missing("none", f"Does not apply: {exempt.reason}")
    for failure in services.evidence.failures(session, ref):
        if failure.kind == kind:
            when = ago(failure.at, services.clock.now())
            return Missing("unknown", f"It could not be measured, {when}: {failure.reason}")
    return Missing(
        "unknown",
        "Nothing of this kind was filed for this version. It is measured from the evaluation set "
        "that the run logged.",
    )


def source_of(services: "Services", evidence: Evidence) -> str:
    """Return where a number comes from, in one line."""
    seed = "" if evidence.seed is None else f" · seed {evidence.seed}"
    filed = ago(evidence.produced_at, services.clock.now())
    return f"evidence {short(evidence.evidence_id)}{seed} · filed {filed}"


def days_valid(services: "Services", policy: Policy, evidence: dict[str, Evidence]) -> int | None:
    """Return for how many whole days the required evidence stays fresh; None when it never ends.

    Negative when some of it is stale already.
    """
    ends = [
        evidence[kind].produced_at + timedelta(days=need.max_age_days)
        for kind, need in policy.evidence.items()
        if need.max_age_days is not None and kind in evidence
    ]
    return (min(ends) - services.clock.now()).days if ends else None
