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
    MeasurementStatus,
    Reading,
    segment,
)
from services.facts.fairness import fairlearn_adapter, statistics
from services.facts.performance.evaluation import EvaluationSet
from services.facts.performance.statistics import LEVEL, wilson
from services.kernel.error import InsufficientEvidence, InvalidInput

SCHEMA = "fairness/1"
UNKNOWN = "Unknown"
SEPARATOR = "\x1f"
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Counts:
    """What one group got: rows, selected, favourable outcomes, and selected among both outcomes."""

    n: int
    selected: int
    positives: int
    true_selected: int
    false_selected: int


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
        When the evaluation set has none of the attributes asked for.
    """
    asked = [a for a in audit.attributes if set(a.split("*")) <= set(evaluation.protected)]
    if not asked:
        names = ", ".join(audit.attributes) or "any protected attribute"
        raise InsufficientEvidence(
            f"The evaluation set does not say {names}; log it as 'protected'."
        )
    truth = (evaluation.rows[evaluation.target] == audit.favourable).to_numpy(dtype=bool)
    tables: dict[str, Any] = {}
    measurements: list[Measurement] = []
    for attribute in asked:
        columns = attribute.split("*")
        groups = _groups(evaluation.rows, columns)
        counts = _counts(groups, chosen, truth)
        reference = _reference(attribute, columns, counts, audit)
        measurements += _measurements(columns, counts, reference, audit.min_n)
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
        rows[each].astype("object").where(rows[each].notna(), UNKNOWN).astype(str)
        for each in columns
    ]
    joined = named[0]
    for each in named[1:]:
        joined = joined + SEPARATOR + each
    return joined.reset_index(drop=True)


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
        name = SEPARATOR.join(audit.reference[column] for column in columns)
        if name not in known:
            raise InvalidInput(f"No row belongs to the reference group {name!r} of {attribute}.")
        return name
    if not known:
        raise InsufficientEvidence(f"No row says its {attribute}.")
    return max(known, key=lambda name: known[name])


def _measurements(
    columns: Sequence[str], counts: Mapping[str, Counts], reference: str, least: int
) -> list[Measurement]:
    base = counts[reference]
    enough = [
        name
        for name, each in counts.items()
        if each.n >= least and name != reference and UNKNOWN not in name.split(SEPARATOR)
    ]
    raw = [
        statistics.equal_rates_p(counts[g].selected, counts[g].n, base.selected, base.n)
        for g in enough
    ]
    adjusted = dict(zip(enough, statistics.holm(raw), strict=True))
    found: list[Measurement] = []
    for name, each in counts.items():
        where = segment(**dict(zip(columns, name.split(SEPARATOR), strict=True)))
        found += _rates(where, each, least)
        found.append(_ratio(where, each, base, least, is_reference=name == reference))
        if name in adjusted:
            found.append(
                Measurement(
                    "fairness.impact_ratio_p_adjusted", where, adjusted[name], "1", each.n,
                    method="holm",
                )
            )  # fmt: skip
    return found


def _rates(where: str, counts: Counts, least: int) -> list[Measurement]:
    negatives = counts.n - counts.positives
    shares = {
        "selection_rate": (counts.selected, counts.n),
        "tpr": (counts.true_selected, counts.positives),
        "fpr": (counts.false_selected, negatives),
        "precision": (counts.true_selected, counts.selected),
    }
    found: list[Measurement] = []
    for name, (hits, n) in shares.items():
        blank = Measurement(f"fairness.{name}", where, None, "1", n)
        if counts.n < least:
            found.append(_few(blank, counts.n))
        elif n == 0:
            found.append(_with_status(blank, MeasurementStatus.NOT_ESTIMABLE))
        else:
            estimate = wilson(hits, n)
            found.append(
                Measurement(
                    blank.metric, where, estimate.value, "1", n, estimate.lo, estimate.hi, LEVEL,
                    estimate.method,
                )
            )  # fmt: skip
    return found


def _ratio(
    where: str, counts: Counts, base: Counts, least: int, *, is_reference: bool
) -> Measurement:
    blank = Measurement("fairness.impact_ratio", where, None, "1", counts.n, method="katz-log")
    if counts.n < least or base.n < least:
        return _few(blank, counts.n)
    if is_reference:
        return Measurement("fairness.impact_ratio", where, 1.0, "1", counts.n, method="reference")
    if base.selected == 0:
        return _with_status(blank, MeasurementStatus.NOT_ESTIMABLE)
    found = statistics.katz(counts.selected, counts.n, base.selected, base.n)
    if found is None:
        none_chosen = 1.0 - 0.05 ** (1 / counts.n)
        top = none_chosen / (base.selected / base.n)
        return Measurement(
            "fairness.impact_ratio", where, 0.0, "1", counts.n, 0.0, top, LEVEL, "rule-of-three"
        )
    value, lo, hi = found
    return Measurement(
        "fairness.impact_ratio", where, value, "1", counts.n, lo, hi, LEVEL, "katz-log"
    )


def _few(blank: Measurement, n: int) -> Measurement:
    return Measurement(
        blank.metric, blank.segment, None, blank.unit, n, status=MeasurementStatus.TOO_FEW
    )


def _with_status(blank: Measurement, status: MeasurementStatus) -> Measurement:
    return Measurement(blank.metric, blank.segment, None, blank.unit, blank.n, status=status)


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
