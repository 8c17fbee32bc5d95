"""Judging measurements against a threshold: one value, the worst group, the champion's value."""

from dataclasses import replace

from services.facts.evidence.types import Evidence, Measurement, MeasurementStatus, parse_segment
from services.judgement.gate.types import Case, ClauseResult, GroupResult, Reason, Result
from services.kernel.metric import metric
from services.standards.policy.rules import kind_of
from services.standards.policy.types import Clause, Threshold, shown

SIGNIFICANCE = 0.05
UNKNOWN_GROUP = "Unknown"
IMPACT_RATIO = "fairness.impact_ratio"
P_ADJUSTED = "fairness.impact_ratio_p_adjusted"


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
    if inside and threshold.holds(measured.value if end is None else end):
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
    blank: ClauseResult, clause: Clause, evidence: Evidence, least: int
) -> ClauseResult:
    """Judge every group of every attribute; the worst decides."""
    threshold = clause.limits
    per_attribute = [_groups(clause, each, evidence, threshold, least) for each in clause.by]
    groups = tuple(group for found in per_attribute for group in found)
    for attribute, found in zip(clause.by, per_attribute, strict=True):
        if not found:
            detail = f"Nothing was measured by {attribute.replace('*', ' and ')}."
            return replace(blank, reason=Reason.MISSING, detail=detail, groups=groups)
        if sum(_counts(group) for group in found) < 2:
            detail = (
                f"Fewer than two groups of {attribute.replace('*', ' and ')} have {least} rows."
            )
            return replace(blank, reason=Reason.TOO_FEW, detail=detail, groups=groups)
    worst = max(
        (group for group in groups if _counts(group)),
        key=lambda group: (group.result.severity, _badness(group, threshold)),
    )
    return replace(as_clause(blank, worst), groups=groups)


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
    if case.champion is None or case.champion == case.ref:
        return replace(blank, result=Result.NOT_APPLICABLE, reason=Reason.NO_CHAMPION)
    theirs = case.champion_evidence.get(kind_of(clause.metric))
    measured = find(theirs, clause.metric, "") if theirs else None
    if measured is None or measured.value is None:
        detail = f"{case.champion.label} was never measured."
        return replace(blank, reason=Reason.MISSING, detail=detail)
    higher = metric(clause.metric).direction == "higher"
    bound = measured.value - clause.no_worse_by if higher else measured.value + clause.no_worse_by
    threshold = Threshold(bound, at_least=higher)
    mine = find(case.evidence[kind_of(clause.metric)], clause.metric, "")
    sign = "≥" if higher else "≤"
    words = f"{sign} {bound:.3f} (v{case.champion.version} {'less' if higher else 'plus'} {shown(clause.no_worse_by)})"
    judged = as_clause(blank, one(mine, "", threshold, least, None))
    return replace(judged, bound=bound, at_least=higher, limit=words)
