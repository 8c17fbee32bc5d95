"""How a clause is judged: pure functions over a policy and a case.

A value is judged by the unfavourable end of its interval. What was not measured, is too old or rests on
too few rows is unknown, and unknown is never a pass.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from services.facts.evidence.types import Evidence, Measurement, MeasurementStatus, parse_segment
from services.judgement.gate.types import Case, ClauseResult, GroupResult, Reason, Result, Verdict
from services.judgement.waiver.types import Waiver
from services.kernel.metric import metric
from services.record.canonical import digest
from services.standards.policy.rules import kind_of
from services.standards.policy.types import Clause, Policy, Requirement, Threshold, shown

SIGNIFICANCE = 0.05
UNKNOWN_GROUP = "Unknown"
IMPACT_RATIO = "fairness.impact_ratio"
P_ADJUSTED = "fairness.impact_ratio_p_adjusted"


def judge(policy: Policy, case: Case, now: datetime) -> Verdict:
    """Hold a case against a policy.

    Returns
    -------
    Verdict
        Its result is that of the worst clause; PASS means nothing is wrong.
    """
    found = [_excused(policy, case, now, each) for each in _judged(policy, case, now)]
    order = {clause.id: place for place, clause in enumerate(found)}
    found.sort(key=lambda clause: (-clause.result.severity, order[clause.id]))
    signed = [clause for clause in found if not clause.live]
    kinds = sorted({clause.evidence_kind for clause in signed if clause.evidence_kind})
    return Verdict(
        ref=case.ref,
        alias=case.alias,
        result=max(
            (clause.result for clause in found), key=lambda r: r.severity, default=Result.UNKNOWN
        ),
        clauses=tuple(found),
        policy_id=policy.policy_id,
        policy_version=policy.version,
        policy_sha256=policy.sha256,
        selected=tuple((k, case.evidence[k].payload_sha256) for k in kinds if k in case.evidence),
        waivers=tuple(sorted({c.waiver_id for c in signed if c.waiver_id})),
        clauses_sha256=digest(
            sorted((_essence(clause) for clause in signed), key=lambda e: e["id"])
        ),
    )


def _essence(clause: ClauseResult) -> dict[str, object]:
    return {
        "id": clause.id,
        "metric": clause.metric,
        "segment": clause.segment,
        "value": clause.value,
        "limit": clause.limit,
        "result": clause.result,
        "reason": clause.reason,
    }


def _judged(policy: Policy, case: Case, now: datetime) -> Iterator[ClauseResult]:
    spoken: set[str] = set()
    for clause in policy.clauses:
        if clause.task in (None, case.task):
            spoken.add(kind_of(clause.metric))
            yield _clause(policy, clause, case, now)
    for kind, requirement in policy.evidence.items():
        if kind not in spoken:
            yield _presence(requirement, case, now)
    for name in policy.card_required:
        yield _card_field(name, case)


def _card_field(name: str, case: Case) -> ClauseResult:
    missing = name in case.card_unknown
    return ClauseResult(
        f"card-{name.replace('_', '-')}", f"Card says: {name.replace('_', ' ')}", "", "", None, None,
        None, None, "filled in", None, True,
        Result.UNKNOWN if missing else Result.PASS,
        Reason.MISSING if missing else Reason.NONE,
    )  # fmt: skip


def _presence(requirement: Requirement, case: Case, now: datetime) -> ClauseResult:
    kind = requirement.kind
    age = f"within {requirement.max_age_days} days" if requirement.max_age_days else "on file"
    blank = ClauseResult(
        f"evidence-{kind.replace('_', '-')}", f"Evidence of {kind.replace('_', ' ')}", "", "", None,
        None, None, None, age, None, True, Result.PASS, evidence_kind=kind,
    )  # fmt: skip
    return _standing(blank, requirement, case, now) or _sourced(blank, case.evidence[kind])


def _sourced(clause: ClauseResult, evidence: Evidence) -> ClauseResult:
    return replace(clause, evidence_id=evidence.evidence_id, produced_at=evidence.produced_at)


def _standing(
    blank: ClauseResult, requirement: Requirement | None, case: Case, now: datetime
) -> ClauseResult | None:
    """Return the clause when its evidence cannot be read, else None."""
    kind = blank.evidence_kind or ""
    if requirement is not None and requirement.not_applicable:
        signed = next((each for each in case.exemptions if each.kind == kind), None)
        if signed is not None:
            return replace(
                blank, result=Result.NOT_APPLICABLE, reason=Reason.EXCUSED, detail=signed.reason
            )
    failure, evidence = case.failures.get(kind), case.evidence.get(kind)
    if failure is not None:
        return replace(blank, result=Result.UNKNOWN, reason=Reason.ERROR, detail=failure.reason)
    if evidence is None:
        return replace(blank, result=Result.UNKNOWN, reason=Reason.MISSING)
    days = requirement.max_age_days if requirement else None
    if days is not None and now - evidence.produced_at > timedelta(days=days):
        return replace(_sourced(blank, evidence), result=Result.UNKNOWN, reason=Reason.STALE)
    return None


def _clause(policy: Policy, clause: Clause, case: Case, now: datetime) -> ClauseResult:
    kind = kind_of(clause.metric)
    requirement = policy.evidence.get(kind)
    threshold = clause.threshold
    blank = ClauseResult(
        clause.id, clause.sentence, clause.metric, "", None, None, None, None, clause.limit,
        threshold.bound if threshold else None, threshold.at_least if threshold else True,
        Result.UNKNOWN, evidence_kind=kind, live=clause.live,
    )  # fmt: skip
    if clause.live and not case.served:
        return replace(blank, result=Result.NOT_APPLICABLE, reason=Reason.NOT_SERVED)
    unreadable = _standing(blank, requirement, case, now)
    if unreadable is not None:
        return unreadable
    evidence, least = case.evidence[kind], requirement.min_n if requirement else 0
    blank = _sourced(blank, evidence)
    if clause.versus:
        return _compared(blank, clause, case, least)
    if threshold is None:
        return replace(blank, reason=Reason.ERROR)
    if clause.by:
        return _worst_group(blank, clause, evidence, threshold, least)
    measured = _find(evidence, clause.metric, "")
    return _with(blank, _one(measured, "", threshold, least, None))


def _find(evidence: Evidence, name: str, segment: str) -> Measurement | None:
    return next(
        (m for m in evidence.measurements if m.metric == name and m.segment == segment), None
    )


def _one(
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
    if not threshold.holds(measured.value):
        if p is not None and p > SIGNIFICANCE:
            return replace(blank, reason=Reason.NOT_SHOWN)
        return replace(blank, result=Result.FAIL)
    end = measured.lo if threshold.at_least else measured.hi
    if threshold.holds(measured.value if end is None else end):
        return replace(blank, result=Result.PASS)
    return replace(blank, reason=Reason.NOT_SHOWN)


def _with(blank: ClauseResult, group: GroupResult) -> ClauseResult:
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


def _worst_group(
    blank: ClauseResult, clause: Clause, evidence: Evidence, threshold: Threshold, least: int
) -> ClauseResult:
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
    return replace(_with(blank, worst), groups=groups)


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
            p = _find(evidence, P_ADJUSTED, measured.segment) if four_fifths else None
            adjusted = p.value if p else None
            found.append(_one(measured, measured.segment, threshold, least, adjusted))
    return found


def _compared(blank: ClauseResult, clause: Clause, case: Case, least: int) -> ClauseResult:
    """Judge a value against the champion's: the unfavourable end must reach it, less the margin."""
    if case.champion is None or case.champion == case.ref:
        return replace(blank, result=Result.NOT_APPLICABLE, reason=Reason.NO_CHAMPION)
    theirs = case.champion_evidence.get(kind_of(clause.metric))
    measured = _find(theirs, clause.metric, "") if theirs else None
    if measured is None or measured.value is None:
        detail = f"{case.champion.label} was never measured."
        return replace(blank, reason=Reason.MISSING, detail=detail)
    higher = metric(clause.metric).direction == "higher"
    bound = measured.value - clause.no_worse_by if higher else measured.value + clause.no_worse_by
    threshold = Threshold(bound, at_least=higher)
    mine = _find(case.evidence[kind_of(clause.metric)], clause.metric, "")
    words = f"{threshold.words[0]} {shown(round(bound, 4))} ({case.champion.label} less {shown(clause.no_worse_by)})"
    judged = _with(blank, _one(mine, "", threshold, least, None))
    return replace(judged, bound=bound, at_least=higher, limit=words)


def _excused(policy: Policy, case: Case, now: datetime, clause: ClauseResult) -> ClauseResult:
    """Let a live waiver excuse a failure, or what was not shown; nothing else."""
    open_to_it = clause.result is Result.FAIL or clause.reason is Reason.NOT_SHOWN
    if not open_to_it or clause.id in policy.waivers.forbidden_for or not policy.waivers.max_days:
        return clause
    live = _covering(case.waivers, clause.id, case.alias, now)
    if live is None:
        return replace(clause, waivable=True)
    return replace(clause, result=Result.WAIVED, waiver_id=live)


def _covering(waivers: Iterable[Waiver], clause_id: str, alias: str, now: datetime) -> str | None:
    return next((w.waiver_id for w in waivers if w.covers(clause_id, alias, now)), None)


def exit_code(verdict: Verdict) -> int:
    """Return the exit code for a machine: 0 when a decision may follow, 1 when not."""
    return 0 if verdict.result.permits else 1
