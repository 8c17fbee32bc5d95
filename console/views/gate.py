"""The gate ladder as a page shows it: one row a clause, the worst first."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from console.format import NOTHING, age, count, interval, segment
from services.judgement.gate.types import ClauseResult, GroupResult, Reason, Result, Verdict

_CARD = "card-"
SAID = (Result.FAIL, Result.UNKNOWN, Result.WAIVED, Result.NOT_APPLICABLE, Result.PASS)
WORDS: Mapping[Result, str] = MappingProxyType(
    {
        Result.PASS: "Pass",
        Result.NOT_APPLICABLE: "Not applicable",
        Result.WAIVED: "Waived",
        Result.UNKNOWN: "Unknown",
        Result.FAIL: "Fail",
    }
)
STATUS: Mapping[Result, str] = MappingProxyType(
    {
        Result.PASS: "pass",
        Result.NOT_APPLICABLE: "none",
        Result.WAIVED: "waived",
        Result.UNKNOWN: "unknown",
        Result.FAIL: "fail",
    }
)
UNKNOWN: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
        Reason.MISSING: ("unknown", "Not measured"),
        Reason.STALE: ("stale", "Stale"),
        Reason.TOO_FEW: ("unknown", "Too few rows"),
        Reason.NOT_SHOWN: ("unknown", "Not shown"),
        Reason.ERROR: ("unknown", "Not computed"),
    }
)
NO_VALUE: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.MISSING: "never measured",
        Reason.STALE: "too old",
        Reason.ERROR: "could not be computed",
        Reason.NO_CHAMPION: "no champion",
        Reason.NOT_SERVED: "not served yet",
        Reason.EXCUSED: "not applicable",
    }
)
WHY: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.STALE: "The evidence is older than the policy allows; measure again.",
        Reason.NOT_SHOWN: "The estimate is inside, the unfavourable end of its interval is not: "
        "more rows would tell.",
        Reason.MISSING: "Nothing of this kind was filed for this version.",
        Reason.TOO_FEW: "Too few rows to tell.",
    }
)


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause and what was found.

    Attributes
    ----------
    status
        A key of ``console.theme.STATUS``.
    word
        What the badge says.
    shown
        The value as text, or why there is none.
    values
        Estimate, lower and upper end in the unit of the limit; None where not measured.
    """

    clause_id: str
    status: str
    word: str
    sentence: str
    shown: str
    values: tuple[float | None, float | None, float | None]
    limit: float | None
    at_least: bool
    limit_words: str
    n: str
    evidence_id: str
    kind: str
    age: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """All clauses of a policy for one version, the worst first."""

    status: str
    word: str
    policy: str
    policy_sha256: str
    summary: str
    rows: tuple[ClauseRow, ...]


def ladder(verdict: Verdict, now: datetime) -> Ladder:
    """Return a verdict as a page shows it; the order of its clauses, worst first, stays."""
    rows = tuple(_row(clause, now) for clause in verdict.clauses)
    counts = Counter(clause.result for clause in verdict.clauses)
    said = ", ".join(f"{counts[r]} {WORDS[r].lower()}" for r in SAID if counts[r])
    status = STATUS[verdict.result]
    policy = f"{verdict.policy_id} v{verdict.policy_version}"
    summary = f"the worst clause decides: {said}"
    return Ladder(status, WORDS[verdict.result], policy, verdict.policy_sha256, summary, rows)


def state_of(clause: ClauseResult) -> tuple[str, str]:
    """Return status and word of one clause; what is unknown says why."""
    if clause.result is Result.UNKNOWN:
        if clause.id.startswith(_CARD):
            return "unknown", "Not written"
        return UNKNOWN.get(clause.reason, ("unknown", "Unknown"))
    return STATUS[clause.result], WORDS[clause.result]


def _row(clause: ClauseResult, now: datetime) -> ClauseRow:
    status, word = state_of(clause)
    return ClauseRow(
        clause.id,
        status,
        word,
        _sentence(clause),
        _shown(clause),
        (clause.value, clause.lo, clause.hi),
        clause.bound,
        clause.at_least,
        clause.limit,
        count(clause.n),
        clause.evidence_id or "",
        clause.evidence_kind or "",
        age(clause.produced_at, now),
        _note(clause),
    )


def _sentence(clause: ClauseResult) -> str:
    worst = f", worst: {segment(clause.segment)}" if clause.segment else ""
    return clause.sentence + worst + (" (live)" if clause.live else "")


def _shown(clause: ClauseResult) -> str:
    if clause.value is not None:
        return interval(clause.value, clause.lo, clause.hi, limit=clause.bound)
    if clause.reason is Reason.TOO_FEW and clause.n:
        return f"too few (n = {clause.n:,})"
    if clause.reason is Reason.NO_CHAMPION and clause.detail:
        return "the champion itself"
    if clause.id.startswith(_CARD):
        return "written" if clause.result is Result.PASS else "not written"
    filed = "on file" if clause.evidence_id else NOTHING
    return NO_VALUE.get(clause.reason, filed)


def _note(clause: ClauseResult) -> str:
    if clause.result is Result.PASS:
        return ""
    groups = "; ".join(_group(g) for g in clause.groups if g.result is not Result.PASS)
    said = clause.detail or WHY.get(clause.reason, "")
    hidden = clause.untold if clause.result is Result.FAIL else ""
    return " ".join(filter(None, (said, hidden, f"Groups: {groups}." if groups else "")))


def _group(group: GroupResult) -> str:
    if group.reason is Reason.TOO_FEW:
        return f"{segment(group.segment)} too few (n = {group.n:,})"
    return f"{segment(group.segment)} {interval(group.value, group.lo, group.hi)}, n = {group.n:,}"
