"""Judging measurements against a threshold: one value, the worst group, the champion's value."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from services.facts.evidence.types import (
    Evidence,
    Measurement,
    MeasurementStatus,
    parse_segment,
    segment,
)
from services.judgement.gate.types import Case, ClauseResult, GroupResult, Reason, Result
from services.kernel.metric import metric
from services.standards.policy.rules import kind_of
from services.standards.policy.types import Clause, Requirement, Threshold, shown

SIGNIFICANCE = 0.05
UNKNOWN_GROUP = "Unknown"
IMPACT_RATIO = "fairness.impact_ratio"
P_ADJUSTED = "fairness.impact_ratio_p_adjusted"
SELECTION_RATE = "fairness.selection_rate"
SAMPLED = frozenset({"performance", "fairness", "challenger"})
"""Families estimated from a sample: without an interval nothing is shown."""
REPORT, GAIN = "training_report", "challenger.gain"
BY_DEFINITION = "reference"
"""The method of a number that was not estimated: the reference group against itself."""


def find(evidence: Evidence, name: str, segment: str) -> Measurement | None:
    """Return one measurement of an evidence, or None."""
    return next(
        (m for m in evidence.measurements if m.metric == name and m.segment == segment), None
    )


def one(
    measured: Measurement | None, segment: str, threshold: Threshold, least: int, p: float | None
) -> GroupResult:
    """Judge one measurement against one threshold."""
    if measured is None:
        return GroupResult(segment, None, None, None, 0, Result.UNKNOWN, Reason.MISSING)
    blank = GroupResult(
        segment, measured.value, measured.lo, measured.hi, measured.n, Result.UNKNOWN
    )
    if measured.n < least or measured.status is MeasurementStatus.TOO_FEW:
        return replace(blank, value=None, lo=None, hi=None, reason=Reason.TOO_FEW)
    if measured.value is None or measured.status is not MeasurementStatus.OK:
        return replace(blank, reason=Reason.ERROR)
    end = measured.lo if threshold.at_least else measured.hi
    inside = threshold.holds(measured.value)
    shown_to_hold = (
        threshold.holds(end)
        if end is not None
        else measured.method == BY_DEFINITION or metric(measured.metric).family not in SAMPLED
    )
    if inside and shown_to_hold:
        return replace(blank, result=Result.PASS)
    if inside or (p is not None and p > SIGNIFICANCE):
        return replace(blank, reason=Reason.NOT_SHOWN)
    return replace(blank, result=Result.FAIL)


def as_clause(blank: ClauseResult, group: GroupResult) -> ClauseResult:
    """Return a clause that came out like one group."""
    return replace(
        blank,
        segment=group.segment,
        value=group.value,
        lo=group.lo,
        hi=group.hi,
        n=group.n or None,
        result=group.result,
        reason=group.reason,
    )


def worst_group(
    blank: ClauseResult,
    clause: Clause,
    requirement: Requirement | None,
    evidence: Evidence,
    least: int,
) -> ClauseResult:
    """Judge every group of every attribute; the worst decides.

    What could not be told about one attribute never hides what another shows: a failing group
    fails the clause, and else the clause is unknown.
    """
    threshold = clause.limits
    groups: list[GroupResult] = []
    holes: list[tuple[Reason, str]] = []
    for attribute in clause.by:
        found = _groups(clause, attribute, evidence, threshold, least)
        groups += found
        holes += _holes(clause, attribute, found, requirement, evidence, least)
    counted = [group for group in groups if _counts(group)]
    for group in counted:
        if group.reason in (Reason.MISSING, Reason.ERROR):
            holes.append((group.reason, f"{_named(group.segment)} could not be measured."))
    judged = replace(blank, groups=tuple(groups), untold=" ".join(words for _, words in holes))
    if counted:
        worst = max(counted, key=lambda g: (g.result.severity, _badness(g, threshold)))
        judged = as_clause(judged, worst)
    if holes and judged.result is not Result.FAIL:
        reason, detail = holes[0]
        return replace(judged, result=Result.UNKNOWN, reason=reason, detail=detail)
    return judged


def _holes(
    clause: Clause,
    attribute: str,
    found: list[GroupResult],
    requirement: Requirement | None,
    evidence: Evidence,
    least: int,
) -> Iterator[tuple[Reason, str]]:
    """Yield what cannot be told about one attribute."""
    words = attribute.replace("*", " and ")
    if not found:
        yield Reason.MISSING, f"Nothing was measured by {words}."
        return
    if sum(_counts(group) for group in found) < 2:
        yield Reason.TOO_FEW, f"Fewer than two groups of {words} have {least} rows."
    if clause.metric != IMPACT_RATIO:
        return
    wanted = _reference(attribute, requirement)
    for name, group in wanted.items():
        if _mapping(evidence.parameters.get("reference")).get(name) != group:
            yield Reason.MISSING, f"{words} was not measured against {group}; measure it again."
            return
    judged = {group.segment for group in found}
    unjudged = [
        each.segment
        for each in evidence.measurements
        if each.metric == SELECTION_RATE
        and set(parse_segment(each.segment)) == set(attribute.split("*"))
        and each.n >= least
        and UNKNOWN_GROUP not in parse_segment(each.segment).values()
        and each.segment not in judged
        and parse_segment(each.segment) != wanted
    ]
    if len(unjudged) > (0 if wanted else 1):
        yield Reason.MISSING, f"{_named(unjudged[0])} has a selection rate and no impact ratio."


def _reference(attribute: str, requirement: Requirement | None) -> dict[str, str]:
    asked = (requirement.reference if requirement else None) or {}
    names = attribute.split("*")
    return {name: asked[name] for name in names} if set(names) <= set(asked) else {}


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _named(segment: str) -> str:
    return " and ".join(parse_segment(segment).values()) or "The whole"


def _counts(group: GroupResult) -> bool:
    named = UNKNOWN_GROUP in parse_segment(group.segment).values()
    return group.reason is not Reason.TOO_FEW and not named


def _badness(group: GroupResult, threshold: Threshold) -> float:
    value = group.value if group.value is not None else threshold.bound
    return threshold.bound - value if threshold.at_least else value - threshold.bound


def _groups(
    clause: Clause, attribute: str, evidence: Evidence, threshold: Threshold, least: int
) -> list[GroupResult]:
    wanted = set(attribute.split("*"))
    four_fifths = clause.metric == IMPACT_RATIO
    found: list[GroupResult] = []
    for measured in evidence.measurements:
        if measured.metric == clause.metric and set(parse_segment(measured.segment)) == wanted:
            p = find(evidence, P_ADJUSTED, measured.segment) if four_fifths else None
            adjusted = p.value if p else None
            found.append(one(measured, measured.segment, threshold, least, adjusted))
    return found


def compared(blank: ClauseResult, clause: Clause, case: Case, least: int) -> ClauseResult:
    """Judge a value against the champion's: the unfavourable end must reach it, less the margin."""
    if case.champion is None:
        return replace(blank, result=Result.NOT_APPLICABLE, reason=Reason.NO_CHAMPION)
    if case.champion == case.ref:
        detail = "This version is the champion itself."
        return replace(
            blank, result=Result.NOT_APPLICABLE, reason=Reason.NO_CHAMPION, detail=detail
        )
    ours, theirs = (
        case.evidence[kind_of(clause.metric)],
        case.champion_evidence.get(kind_of(clause.metric)),
    )
    if theirs is None or _rows(ours) != _rows(theirs):
        paired = _paired(case, clause)
        if paired is not None:
            return _by_gain(blank, clause, case, paired, least)
    measured = find(theirs, clause.metric, "") if theirs else None
    if theirs is None or measured is None or measured.value is None:
        detail = f"{case.champion.label} was never measured."
        return replace(blank, reason=Reason.MISSING, detail=detail)
    higher = metric(clause.metric).direction == "higher"
    bound = measured.value - clause.no_worse_by if higher else measured.value + clause.no_worse_by
    threshold = Threshold(bound, at_least=higher)
    sign = "≥" if higher else "≤"
    words = f"{sign} {bound:.3f} (v{case.champion.version} {'less' if higher else 'plus'} {shown(clause.no_worse_by)})"
    judged = as_clause(blank, one(find(ours, clause.metric, ""), "", threshold, least, None))
    if judged.result is Result.PASS and _rows(ours) != _rows(theirs):
        detail = f"{case.champion.label} was measured on other rows; measure both on the same."
        judged = replace(judged, result=Result.UNKNOWN, reason=Reason.NOT_SHOWN, detail=detail)
    return replace(judged, bound=bound, at_least=higher, limit=words)


def _paired(case: Case, clause: Clause) -> Evidence | None:
    """Return the report that compared a version with this very champion on the same rows, or None."""
    report, champion = case.evidence.get(REPORT), case.champion
    if report is None or champion is None:
        return None
    said = _mapping(report.parameters.get("champion"))
    if (said.get("version"), said.get("run_id")) != (champion.version, champion.run_id):
        return None
    held = find(report, GAIN, segment(metric=clause.metric))
    return report if held is not None and held.value is not None else None


def _by_gain(
    blank: ClauseResult, clause: Clause, case: Case, report: Evidence, least: int
) -> ClauseResult:
    """Judge a difference on the same rows: its unfavourable end must reach zero, less the margin."""
    threshold = Threshold(-clause.no_worse_by, at_least=True)
    gain = find(report, GAIN, segment(metric=clause.metric))
    judged = as_clause(blank, one(gain, "", threshold, least, None))
    number = case.champion.version if case.champion else 0
    return replace(
        judged, bound=threshold.bound, at_least=True, also=REPORT,
        limit=f"gain on v{number} on the same rows {threshold.words}",
    )  # fmt: skip


def _rows(evidence: Evidence) -> frozenset[str]:
    return frozenset(each.sha256 for each in evidence.inputs if each.role == "evaluation")
