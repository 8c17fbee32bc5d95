"""Which groups a policy wants compared: the standard's choice, handed to the instrument."""

import numpy as np
import numpy.typing as npt

from services.facts.fairness.service import Audit
from services.facts.performance.answers import plain
from services.facts.performance.evaluation import EvaluationSet
from services.facts.performance.service import THRESHOLD, decisions
from services.facts.scoring.types import Scores
from services.kernel.error import InsufficientEvidence
from services.standards.policy.types import Policy

LEAST = 30


def audit_of(evaluation: EvaluationSet, policy: Policy | None) -> Audit | None:
    """Return what the bias audit compares; None when there is nothing to compare."""
    if evaluation.task != "classification" or not evaluation.protected:
        return None
    wanted = policy.evidence.get("fairness") if policy else None
    favourable = wanted.favourable if wanted else None
    favourable = evaluation.favourable if favourable is None else favourable
    if favourable is None:
        return None
    named = list(wanted.attributes if wanted else ())
    for clause in policy.clauses if policy else ():
        named += [each for each in clause.by if clause.metric.startswith("fairness.")]
    attributes = tuple(dict.fromkeys([*named, *evaluation.protected]))
    reference = dict(wanted.reference or {}) if wanted else {}
    return Audit(attributes, reference, favourable, (wanted.min_n if wanted else LEAST) or LEAST)


def chosen_of(scores: Scores, audit: Audit) -> npt.NDArray[np.bool_]:
    """Return (n,) True where the version's decision is the favourable one.

    Raises
    ------
    InsufficientEvidence
        When the favourable value is no class of the version: the audit would be turned round.
    """
    if audit.favourable not in scores.classes:
        known = " and ".join(repr(plain(each)) for each in scores.classes)
        raise InsufficientEvidence(
            f"The favourable value {audit.favourable!r} is no class of this version "
            f"(it has {known}); write it as the target does."
        )
    said = decisions(scores.outputs, THRESHOLD)
    return said if scores.classes[1] == audit.favourable else ~said
