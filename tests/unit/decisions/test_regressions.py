"""What is worse than in production: which groups, and which of them fail a clause."""

from datetime import UTC, datetime

from services.decisions.review.rules import regressions
from services.facts.evidence.types import Evidence, EvidenceKind, Measurement, Producer
from services.judgement.gate.types import ClauseResult, GroupResult, Result, Verdict
from services.kernel.identity import ModelRef

REF = ModelRef("default", "default", "loan", 2, "run", "models:/m")
AT = datetime(2026, 3, 14, tzinfo=UTC)
RATIO = "fairness.impact_ratio"


def evidence(kind: EvidenceKind, *numbers: tuple[str, str, float]) -> Evidence:
    rows = tuple(Measurement(metric, segment, value, "1", 90) for metric, segment, value in numbers)
    return Evidence(
        "e", kind, f"{kind}/1", "version", REF, None, None, None, AT, Producer("t", "1"), (), {},
        None, "ab" * 32, rows,
    )  # fmt: skip


def four_fifths(*groups: tuple[str, Result]) -> Verdict:
    judged = tuple(GroupResult(segment, 0.7, 0.6, 0.8, 90, result) for segment, result in groups)
    clause = ClauseResult(
        "four-fifths", "Impact ratio", RATIO, "race=Black", 0.7, 0.6, 0.8, 90, "≥ 0.80", 0.8, True,
        Result.FAIL, groups=judged,
    )  # fmt: skip
    return Verdict(REF, "champion", Result.FAIL, (clause,), "p", 1, "ab" * 32, (), ())


def test_only_the_groups_that_fail_are_said_to_fail() -> None:
    worse = (("race=Black", 0.7), ("race=Hispanic", 0.9), ("sex=female", 0.97))
    mine = {"fairness": evidence(EvidenceKind.FAIRNESS, *((RATIO, s, v) for s, v in worse))}
    theirs = {"fairness": evidence(EvidenceKind.FAIRNESS, *((RATIO, s, 0.99) for s, _ in worse))}
    verdict = four_fifths(("race=Black", Result.FAIL), ("race=Hispanic", Result.PASS))
    found = {each.segment: each.fails for each in regressions(mine, theirs, verdict)}
    assert found == {"race=Black": "four-fifths", "race=Hispanic": "", "sex=female": ""}


def test_better_equal_unknown_and_undirected_numbers_are_no_regressions() -> None:
    mine = {"performance": evidence(EvidenceKind.PERFORMANCE, ("performance.auc", "", 0.8), ("performance.log_loss", "", 0.3), ("performance.accuracy", "", 0.9))}  # fmt: skip
    theirs = {"performance": evidence(EvidenceKind.PERFORMANCE, ("performance.auc", "", 0.8), ("performance.log_loss", "", 0.4), ("performance.accuracy", "", 0.8999))}  # fmt: skip
    assert regressions(mine, theirs, None) == []
    assert [r.key for r in regressions(theirs, mine, None)] == ["performance.accuracy:", "performance.log_loss:"]  # fmt: skip


def test_failing_regressions_stand_first() -> None:
    numbers = (("performance.accuracy", "", 0.5),)
    mine = {
        "performance": evidence(EvidenceKind.PERFORMANCE, *numbers),
        "fairness": evidence(EvidenceKind.FAIRNESS, (RATIO, "race=Black", 0.7)),
    }
    theirs = {
        "performance": evidence(EvidenceKind.PERFORMANCE, ("performance.accuracy", "", 0.9)),
        "fairness": evidence(EvidenceKind.FAIRNESS, (RATIO, "race=Black", 0.9)),
    }
    found = regressions(mine, theirs, four_fifths(("race=Black", Result.FAIL)))
    assert [each.metric for each in found] == [RATIO, "performance.accuracy"]
