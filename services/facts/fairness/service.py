"""The bias audit: who is selected, by group, with intervals, and who is too few to tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    Reading,
)
from services.facts.fairness import fairlearn_adapter
from services.facts.fairness.figures import SEPARATOR, UNKNOWN, Counts, figures
from services.facts.performance.evaluation import EvaluationSet
from services.kernel.error import InsufficientEvidence, InvalidInput

SCHEMA = "fairness/1"
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Audit:
    """What a standard asks of the audit; passed in by the workflow.

    Attributes
    ----------
    attributes
        Columns; ``race*sex`` for an intersection.
    reference
        The group others are compared with, by attribute.
    min_n
        Fewer rows are too few for a number.
    """

    attributes: tuple[str, ...]
    reference: Mapping[str, str]
    favourable: int | str
    min_n: int = 30


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
        groups = _groups(evaluation.rows, columns)
        counts = _counts(groups, chosen, truth)
        reference = _reference(attribute, columns, counts, audit)
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


def _groups(rows: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    named = [
        rows[each].astype("object").where(rows[each].notna(), UNKNOWN).astype(str).map(_one_name)
        for each in columns
    ]
    joined = named[0]
    for each in named[1:]:
        joined = joined + SEPARATOR + each
    return joined.reset_index(drop=True)


def _one_name(group: str) -> str:
    """Return the name of a group without what joins the names of an intersection."""
    return group.replace(SEPARATOR, " ")


def _counts(groups: pd.Series, chosen: Bools, truth: Bools) -> dict[str, Counts]:
    """Count by group, and hold the counts against Fairlearn's own figures."""
    theirs = fairlearn_adapter.rates(truth.astype(int), chosen.astype(int), groups)
    names = groups.to_numpy()
    found: dict[str, Counts] = {}
    for name in sorted(theirs):
        mine = names == name
        found[name] = Counts(
            int(mine.sum()),
            int((mine & chosen).sum()),
            int((mine & truth).sum()),
            int((mine & truth & chosen).sum()),
            int((mine & ~truth & chosen).sum()),
        )
        if abs(found[name].selected / found[name].n - theirs[name].selection_rate) > 1e-12:
            raise InsufficientEvidence(f"Two counts of the group {name!r} disagree.")
    return found


def _reference(
    attribute: str, columns: Sequence[str], counts: Mapping[str, Counts], audit: Audit
) -> str:
    """Return the reference group: as the standard says, else the largest that is known."""
    known = {name: each.n for name, each in counts.items() if UNKNOWN not in name.split(SEPARATOR)}
    if all(column in audit.reference for column in columns):
        name = SEPARATOR.join(_one_name(audit.reference[column]) for column in columns)
        if name not in known:
            words = name.replace(SEPARATOR, " and ")
            raise InvalidInput(f"No row belongs to the reference group {words!r} of {attribute}.")
        return name
    if not known:
        raise InsufficientEvidence(f"No row says its {attribute}.")
    return max(known, key=lambda name: known[name])


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
