"""The nouns of the gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from services.facts.evidence.types import Evidence, EvidenceFailure
from services.judgement.waiver.types import Exemption, Waiver
from services.kernel.identity import ModelRef
from services.record.canonical import digest


class Result(StrEnum):
    """How a clause came out."""

    PASS = "pass"  # noqa: S105 - a verdict
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"
    UNKNOWN = "unknown"
    FAIL = "fail"

    @property
    def severity(self) -> int:
        """Return how bad it is, 0 to 4; the worst clause decides."""
        return list(Result).index(self)

    @property
    def permits(self) -> bool:
        """Tell whether a decision may follow: passed, not applicable, or waived."""
        return self.severity <= Result.WAIVED.severity


class Reason(StrEnum):
    """Why it came out like that, where the value alone does not say."""

    NONE = ""
    MISSING = "missing"
    STALE = "stale"
    TOO_FEW = "too_few"
    ERROR = "error"
    NOT_SHOWN = "not_shown"
    NO_CHAMPION = "no_champion"
    NOT_SERVED = "not_served"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class GroupResult:
    """How one group came out."""

    segment: str
    value: float | None
    lo: float | None
    hi: float | None
    n: int
    result: Result
    reason: Reason = Reason.NONE


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """How one clause came out, with everything a reader needs to check it.

    Attributes
    ----------
    limit
        In words; ``bound`` is its number, None where there is none.
    at_least
        Which side of the bound is allowed.
    detail
        One sentence where the reason needs one: what stopped a measurement, who excused it.
    also
        A kind of evidence that decided beside ``evidence_kind``; empty for none.
    untold
        What could not be told beside the result, in one sentence; no waiver reaches over it.
    """

    id: str
    sentence: str
    metric: str
    segment: str
    value: float | None
    lo: float | None
    hi: float | None
    n: int | None
    limit: str
    bound: float | None
    at_least: bool
    result: Result
    reason: Reason = Reason.NONE
    detail: str = ""
    untold: str = ""
    evidence_id: str | None = None
    evidence_kind: str | None = None
    also: str = ""
    produced_at: datetime | None = None
    live: bool = False
    waivable: bool = False
    waiver_id: str | None = None
    groups: tuple[GroupResult, ...] = ()


@dataclass(frozen=True)
class Case:
    """What is known about a version that asks for an alias.

    Attributes
    ----------
    evidence
        The latest of each kind.
    failures
        The latest failed measurement of each kind, where it is later than the evidence.
    champion
        The version the alias points at; None when it points at none.
    served
        Whether the version has answered real requests.
    card_filled
        Sections of the card that say something.
    """

    ref: ModelRef
    alias: str
    evidence: Mapping[str, Evidence]
    failures: Mapping[str, EvidenceFailure] = field(default_factory=dict[str, EvidenceFailure])
    champion: ModelRef | None = None
    champion_evidence: Mapping[str, Evidence] = field(default_factory=dict[str, Evidence])
    waivers: Sequence[Waiver] = ()
    exemptions: Sequence[Exemption] = ()
    served: bool = False
    card_filled: frozenset[str] = frozenset()

    @cached_property
    def task(self) -> str | None:
        """Return what the model does, as its performance evidence says; None when unmeasured."""
        performance = self.evidence.get("performance")
        return (
            str(performance.parameters["task"])
            if performance and "task" in performance.parameters
            else None
        )


@dataclass(frozen=True)
class Verdict:
    """The gate's answer.

    Attributes
    ----------
    clauses
        Worst first.
    selected
        Kind and payload digest of each evidence that was read, live clauses aside.
    """

    ref: ModelRef
    alias: str
    result: Result
    clauses: tuple[ClauseResult, ...]
    policy_id: str
    policy_version: int
    policy_sha256: str
    selected: tuple[tuple[str, str], ...]
    waivers: tuple[str, ...]

    @cached_property
    def clauses_sha256(self) -> str:
        """Return the digest of how each clause came out, live ones aside; time alone changes none."""
        essence = [_essence(clause) for clause in self.clauses if not clause.live]
        return digest(sorted(essence, key=lambda each: str(each["id"])))

    def count(self, result: Result) -> int:
        """Count the clauses that came out one way."""
        return sum(clause.result is result for clause in self.clauses)


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
