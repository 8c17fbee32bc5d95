from datetime import UTC, datetime, timedelta

import pytest

from console.views.gate import Reason, Result, ladder, state_of
from services.judgement.gate.types import ClauseResult, GroupResult, Verdict
from services.kernel.identity import ModelRef

NOW = datetime(2026, 3, 14, 9, 12, tzinfo=UTC)
REF = ModelRef("default", "default", "mortgage-approval", 2, "run", "models:/m")


def clause(result: Result, reason: Reason = Reason.NONE, **more: object) -> ClauseResult:
    values = {
        "id": "four-fifths", "sentence": "Impact ratio by race", "metric": "fairness.impact_ratio",
        "segment": "race=Black", "value": 0.79, "lo": 0.694, "hi": 0.9, "n": 79, "limit": "≥ 0.80",
        "bound": 0.8, "at_least": True, "produced_at": NOW - timedelta(days=2),
    }  # fmt: skip
    return ClauseResult(**{**values, **more}, result=result, reason=reason)


def verdict(*clauses: ClauseResult) -> Verdict:
    return Verdict(REF, "champion", clauses[0].result, clauses, "p", 1, "ab" * 32, (), ())


@pytest.mark.parametrize("reason", list(Reason))
def test_unknown_is_never_green(reason: Reason) -> None:
    status, word = state_of(clause(Result.UNKNOWN, reason))
    assert status in ("unknown", "stale")
    assert word != "Pass"


@pytest.mark.parametrize("result", [r for r in Result if r is not Result.PASS])
def test_green_is_only_ever_a_measured_pass(result: Result) -> None:
    assert state_of(clause(result))[0] != "pass"


def test_the_ladder_keeps_the_worst_first_and_counts_each() -> None:
    view = ladder(verdict(clause(Result.FAIL), clause(Result.PASS, id="auc")), NOW)
    assert [row.word for row in view.rows] == ["Fail", "Pass"]
    assert view.summary == "the worst clause decides: 1 fail, 1 pass"


def test_a_row_says_value_interval_group_and_age() -> None:
    row = ladder(verdict(clause(Result.FAIL)), NOW).rows[0]
    assert row.shown == "0.790 [0.694, 0.900]"
    assert row.sentence == "Impact ratio by race, worst: race Black"
    assert (row.n, row.age) == ("79", "2 days")


def test_too_few_rows_show_a_count_and_never_a_number_that_looks_measured() -> None:
    few = clause(Result.UNKNOWN, Reason.TOO_FEW, value=None, lo=None, hi=None, n=12)
    row = ladder(verdict(few), NOW).rows[0]
    assert row.shown == "too few (n = 12)"
    assert row.values == (None, None, None)


def test_groups_that_did_not_pass_are_named_with_their_rows() -> None:
    groups = (
        GroupResult("race=Black", 0.79, 0.694, 0.9, 79, Result.FAIL),
        GroupResult("race=Other", None, None, None, 3, Result.UNKNOWN, Reason.TOO_FEW),
        GroupResult("race=White", 1.0, None, None, 673, Result.PASS),
    )
    note = ladder(verdict(clause(Result.FAIL, groups=groups)), NOW).rows[0].note
    assert "race Black 0.790 [0.694, 0.900], n = 79" in note
    assert "race Other too few (n = 3)" in note
    assert "White" not in note


def test_a_failure_also_says_what_could_not_be_told() -> None:
    row = ladder(verdict(clause(Result.FAIL, untold="Nothing was measured by sex.")), NOW).rows[0]
    assert "Nothing was measured by sex." in row.note
