"""The bias audit: who is selected, by group, with intervals, and who is too few to tell."""

from collections.abc import Mapping
from typing import Any

from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    Reading,
)
from services.facts.fairness import grouping
from services.facts.fairness.figures import SEPARATOR, Counts, figures
from services.facts.fairness.grouping import Audit, Bools
from services.facts.performance.evaluation import EvaluationSet
from services.kernel.error import InsufficientEvidence

SCHEMA = "fairness/1"


def measure(evaluation: EvaluationSet, chosen: Bools, audit: Audit, *, seed: int) -> Reading:
    """Measure selection and error rates by group.

    Parameters
    ----------
    chosen
        (n,) True where the decision is the favourable one.

    Raises
    ------
    InsufficientEvidence
        When the evaluation set has none of the attributes asked for, no row has the favourable
        outcome, or there is not one decision a row.
    InvalidInput
        When nobody belongs to the reference group that the standard names.
    """
    asked = [a for a in audit.attributes if set(a.split("*")) <= set(evaluation.protected)]
    if not asked:
        names = ", ".join(audit.attributes) or "any protected attribute"
        raise InsufficientEvidence(
            f"The evaluation set does not say {names}; log it as 'protected'."
        )
    if chosen.shape != (evaluation.n,):
        raise InsufficientEvidence(
            f"There are {chosen.size:,} decisions for {evaluation.n:,} rows; measure it again."
        )
    truth = (evaluation.rows[evaluation.target] == audit.favourable).to_numpy(dtype=bool)
    if not truth.any():
        raise InsufficientEvidence(
            f"No row has the favourable outcome {audit.favourable!r}; write it as the target does."
        )
    tables: dict[str, Any] = {}
    measurements: list[Measurement] = []
    for attribute in asked:
        columns = attribute.split("*")
        groups = grouping.groups(evaluation.rows, columns)
        counts = grouping.counts(groups, chosen, truth)
        reference = grouping.reference(attribute, columns, counts, audit)
        measurements += figures(columns, counts, reference, audit.min_n)
        tables[attribute] = {"reference": reference.split(SEPARATOR), "groups": _table(counts)}
    return Reading(
        kind=EvidenceKind.FAIRNESS,
        schema=SCHEMA,
        payload={"favourable": audit.favourable, "min_n": audit.min_n, "tables": tables},
        measurements=tuple(measurements),
        inputs=(EvidenceInput("evaluation", evaluation.sha256, evaluation.n),),
        parameters={
            "attributes": asked,
            "reference": dict(audit.reference),
            "favourable": audit.favourable,
            "min_n": audit.min_n,
        },
        seed=seed,
    )


def _table(counts: Mapping[str, Counts]) -> list[dict[str, Any]]:
    return [
        {
            "group": name.split(SEPARATOR),
            "n": each.n,
            "selected": each.selected,
            "positives": each.positives,
            "true_selected": each.true_selected,
            "false_selected": each.false_selected,
        }
        for name, each in counts.items()
    ]
