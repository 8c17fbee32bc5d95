"""How a clause is judged: pure functions over a policy and a case.

A value is judged by the unfavourable end of its interval. What was not measured, is too old or rests on
too few rows is unknown, and unknown is never a pass.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from services.facts.evidence.types import Evidence
from services.judgement.gate.measured import as_clause, compared, find, one, worst_group
from services.judgement.gate.types import Case, ClauseResult, Reason, Result, Verdict
from services.judgement.waiver.types import Waiver
from services.standards.policy.production import IN_PRODUCTION
from services.standards.policy.rules import kind_of
from services.standards.policy.types import Clause, Policy, Requirement

AT_LEAST = True
LIVE_WINDOWS = 3


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
    kinds = sorted({k for each in signed for k in (each.evidence_kind, each.also) if k})
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
    )


def _judged(policy: Policy, case: Case, now: datetime) -> Iterator[ClauseResult]:
    spoken: set[str] = set()
    asked = {kind_of(clause.metric) for clause in policy.clauses if not clause.live}
    for clause in policy.clauses:
        if clause.task in (None, case.task):
            if not clause.live:
                spoken.add(kind_of(clause.metric))
            yield _clause(policy, clause, case, now)
    for kind, requirement in policy.evidence.items():
        if kind not in spoken | IN_PRODUCTION:
            present = _presence(requirement, case, now)
            yield _unforeseen(present, policy, case) if kind in asked else present
    for name in policy.card_required:
        yield _card_field(name, case)


def _card_field(name: str, case: Case) -> ClauseResult:
    missing = name not in case.card_filled
    return ClauseResult(
        f"card-{name.replace('_', '-')}", f"Card says: {name.replace('_', ' ')}", "", "", None, None,
        None, None, "filled in", None, AT_LEAST,
        Result.UNKNOWN if missing else Result.PASS,
        Reason.MISSING if missing else Reason.NONE,
    )  # fmt: skip


def _presence(requirement: Requirement, case: Case, now: datetime) -> ClauseResult:
    kind = requirement.kind
    age = f"within {requirement.max_age_days} days" if requirement.max_age_days else "on file"
    blank = ClauseResult(
        f"evidence-{kind.replace('_', '-')}", f"Evidence of {kind.replace('_', ' ')}", "", "", None,
        None, None, None, age, None, AT_LEAST, Result.PASS, evidence_kind=kind,
    )  # fmt: skip
    unreadable = _standing(blank, requirement, case, now)
    if unreadable is not None:
        return unreadable
    evidence = case.evidence[kind]
    rows = max((each.n for each in evidence.measurements), default=0)
    if rows < requirement.min_n:
        blank = replace(blank, result=Result.UNKNOWN, reason=Reason.TOO_FEW, n=rows)
    return _sourced(blank, evidence)


def _unforeseen(present: ClauseResult, policy: Policy, case: Case) -> ClauseResult:
    """Return that a policy whose clauses are all for other tasks says nothing: it is not a pass."""
    if present.result is not Result.PASS:
        return present
    what = f"a {case.task} model" if case.task else "a model whose task is not known"
    detail = f"The policy {policy.policy_id!r} sets no limit for {what}; publish one that does."
    return replace(present, result=Result.UNKNOWN, reason=Reason.MISSING, detail=detail)


def _sourced(clause: ClauseResult, evidence: Evidence) -> ClauseResult:
    return replace(clause, evidence_id=evidence.evidence_id, produced_at=evidence.produced_at)


def _standing(
    blank: ClauseResult, requirement: Requirement | None, case: Case, now: datetime
) -> ClauseResult | None:
    """Return the clause when its evidence cannot be read, else None."""
    kind = blank.evidence_kind or ""
    if requirement is not None and requirement.not_applicable and kind not in case.evidence:
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
    if blank.live and evidence.period_end is None:
        detail = "It was not measured in production."
        return replace(blank, result=Result.UNKNOWN, reason=Reason.MISSING, detail=detail)
    if _stale(blank, evidence, requirement, now):
        return replace(_sourced(blank, evidence), result=Result.UNKNOWN, reason=Reason.STALE)
    return None


def _stale(
    blank: ClauseResult, evidence: Evidence, requirement: Requirement | None, now: datetime
) -> bool:
    """Tell whether evidence is too old.

    Notes
    -----
    What was measured of a window of production is as old as the window's end, however often it was
    measured again. Where a policy names no age, a live clause counts for three windows: a model that
    fell silent is not calm.
    """
    since = evidence.period_end or evidence.produced_at
    if requirement is not None and requirement.max_age_days is not None:
        return now - since > timedelta(days=requirement.max_age_days)
    if blank.live and evidence.period_start is not None and evidence.period_end is not None:
        return now - since > LIVE_WINDOWS * (evidence.period_end - evidence.period_start)
    return False


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
    if clause.versus is not None:
        return compared(blank, clause, case, least)
    if clause.by:
        return worst_group(blank, clause, requirement, evidence, least)
    measured = find(evidence, clause.metric, "")
    return as_clause(blank, one(measured, "", clause.limits, least, None))


def _excused(policy: Policy, case: Case, now: datetime, clause: ClauseResult) -> ClauseResult:
    """Let a live waiver excuse a failure, or what was not shown; nothing else."""
    open_to_it = clause.result is Result.FAIL or clause.reason is Reason.NOT_SHOWN
    longest = timedelta(days=policy.waivers.max_days)
    if not open_to_it or clause.untold or clause.id in policy.waivers.forbidden_for or not longest:
        return clause
    live = _covering(case.waivers, clause.id, case.alias, now, longest)
    if live is None:
        return replace(clause, waivable=True)
    return replace(clause, result=Result.WAIVED, waiver_id=live)


def _covering(
    waivers: Iterable[Waiver], clause_id: str, alias: str, now: datetime, longest: timedelta
) -> str | None:
    """Return the waiver that covers a clause now, none for longer than the policy allows."""
    covering = (w for w in waivers if w.covers(clause_id, alias, now))
    return next((w.waiver_id for w in covering if now < w.from_at + longest), None)


def exit_code(verdict: Verdict) -> int:
    """Return the exit code for a machine: 0 when a decision may follow, 1 when not."""
    return 0 if verdict.result.permits else 1
