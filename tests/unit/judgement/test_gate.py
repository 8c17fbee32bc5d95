"""The gate: worse evidence never gets a better verdict, and unknown is never a pass."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.facts.evidence.types import (
    Evidence,
    EvidenceFailure,
    EvidenceInput,
    EvidenceKind,
    Measurement,
    MeasurementStatus,
    Producer,
    segment,
)
from services.judgement.gate.rules import exit_code, judge
from services.judgement.gate.types import Case, Reason, Result, Verdict
from services.judgement.waiver.types import Exemption, Waiver
from services.kernel.identity import ModelRef
from services.standards.policy.rules import parse
from services.standards.policy.service import shipped
from services.standards.policy.types import Policy

NOW = datetime(2026, 3, 14, tzinfo=UTC)
ONE = ModelRef("default", "default", "loan", 1, "run-1", "models:/m-1")
TWO = replace(ONE, version=2, run_id="run-2", source_uri="models:/m-2")
POLICY = parse(b"""
policy: trial
version: 1
applies_to: {tier: [high]}
evidence:
  performance: {max_age_days: 180, min_n: 300}
  fairness: {max_age_days: 365, min_n: 30, attributes: [race], not_applicable: permitted}
clauses:
  - {id: auc, metric: performance.auc, at_least: 0.70}
  - {id: brier, metric: performance.brier, at_most: 0.20}
  - {id: four-fifths, metric: fairness.impact_ratio, by: [race], at_least: 0.80}
  - {id: not-worse, metric: performance.auc, versus: champion, no_worse_by: 0.01}
  - {id: calm, metric: drift.ks, at_most: 0.2, live: true}
card: {required: [limitations]}
review: {quorum: {validator: 1}}
waivers: {max_days: 90, forbidden_for: [auc]}
""")


def measured(
    name: str, value: float | None, lo: float | None, hi: float | None, **more: object
) -> Measurement:
    return Measurement(
        name,
        str(more.pop("segment", "")),
        value,
        "1",
        int(more.pop("n", 500)),
        lo,
        hi,
        0.95,
        str(more.pop("method", "x")),
        **more,
    )  # type: ignore[arg-type]


def filed(kind: str, *measurements: Measurement, age_days: float = 1) -> Evidence:
    return Evidence(
        f"E-{kind}", EvidenceKind(kind), f"{kind}/1", "version", ONE, None, None, None, NOW - timedelta(days=age_days),
        Producer("t", "c"), (), {"task": "classification"}, 0, "ab" * 32, measurements,
    )  # fmt: skip


def performance(
    value: float = 0.80, lo: float = 0.75, hi: float = 0.84, n: int = 796, age: float = 1
) -> Evidence:
    return filed(
        "performance",
        measured("performance.auc", value, lo, hi, n=n),
        measured("performance.brier", 0.10, 0.08, 0.12, n=n),
        age_days=age,
    )


def fairness(
    value: float = 0.915, lo: float = 0.849, hi: float = 0.986, n: int = 79, p: float = 0.01
) -> Evidence:
    def by(group: str, name: str, *figures: float | None, **more: object) -> Measurement:
        return measured(name, *figures, segment=segment(race=group), **more)  # type: ignore[arg-type]

    return filed(
        "fairness",
        by("White", "fairness.selection_rate", 0.9, 0.88, 0.92, n=673),
        by("Black", "fairness.selection_rate", 0.8, 0.70, 0.87, n=n),
        by("White", "fairness.impact_ratio", 1.0, None, None, n=673, method="reference"),
        by("Black", "fairness.impact_ratio", value, lo, hi, n=n),
        by("Black", "fairness.impact_ratio_p_adjusted", p, None, None, n=n),
        by("Unknown", "fairness.impact_ratio", 0.1, 0.05, 0.2, n=90),
    )


def case(**changes: object) -> Case:
    evidence = {"performance": performance(), "fairness": fairness()}
    evidence |= changes.pop("evidence", {})  # type: ignore[arg-type]
    changes.setdefault("card_filled", frozenset({"limitations"}))
    return Case(ONE, "champion", {k: v for k, v in evidence.items() if v is not None}, **changes)  # type: ignore[arg-type]


def clause(verdict: Verdict, name: str) -> tuple[Result, Reason]:
    found = next(each for each in verdict.clauses if each.id == name)
    return found.result, found.reason


def ruled(name: str, given_case: Case, policy: Policy = POLICY) -> tuple[Result, Reason]:
    return clause(judge(policy, given_case, NOW), name)


def test_good_evidence_passes_and_a_machine_may_go_on() -> None:
    verdict = judge(POLICY, case(), NOW)
    assert ruled("auc", case()) == (Result.PASS, Reason.NONE)
    assert ruled("four-fifths", case()) == (Result.PASS, Reason.NONE)
    assert verdict.result is Result.NOT_APPLICABLE
    assert exit_code(verdict) == 0


@pytest.mark.parametrize(
    ("value", "lo", "hi", "expected"),
    [
        (0.70, 0.70, 0.75, (Result.PASS, Reason.NONE)),
        (0.72, 0.69, 0.75, (Result.UNKNOWN, Reason.NOT_SHOWN)),
        (0.69, 0.65, 0.75, (Result.FAIL, Reason.NONE)),
    ],
)
def test_a_value_is_judged_by_the_unfavourable_end(
    value: float, lo: float, hi: float, expected: tuple[Result, Reason]
) -> None:
    assert ruled("auc", case(evidence={"performance": performance(value, lo, hi)})) == expected


@pytest.mark.parametrize(
    ("value", "lo", "hi", "expected"),
    [
        (0.20, 0.15, 0.20, (Result.PASS, Reason.NONE)),
        (0.19, 0.15, 0.21, (Result.UNKNOWN, Reason.NOT_SHOWN)),
        (0.21, 0.10, 0.30, (Result.FAIL, Reason.NONE)),
    ],
)
def test_an_upper_limit_is_judged_by_the_upper_end(
    value: float, lo: float, hi: float, expected: tuple[Result, Reason]
) -> None:
    evidence = filed("performance", measured("performance.brier", value, lo, hi))
    assert ruled("brier", case(evidence={"performance": evidence})) == expected


def test_what_was_not_measured_is_stale_or_thin_is_unknown() -> None:
    assert ruled("auc", case(evidence={"performance": None})) == (Result.UNKNOWN, Reason.MISSING)
    assert ruled("auc", case(evidence={"performance": performance(age=181)})) == (
        Result.UNKNOWN,
        Reason.STALE,
    )
    assert ruled("auc", case(evidence={"performance": performance(n=299)})) == (
        Result.UNKNOWN,
        Reason.TOO_FEW,
    )
    broken = EvidenceFailure(
        "f", EvidenceKind.PERFORMANCE, ONE, "The model used the network.", "network", NOW, "t"
    )
    assert ruled("auc", case(failures={"performance": broken})) == (Result.UNKNOWN, Reason.ERROR)
    odd = filed(
        "performance",
        measured("performance.auc", None, None, None, status=MeasurementStatus.NOT_ESTIMABLE),
    )
    assert ruled("auc", case(evidence={"performance": odd})) == (Result.UNKNOWN, Reason.ERROR)


def test_four_fifths_fails_only_where_the_difference_is_more_than_chance() -> None:
    assert (
        ruled("four-fifths", case(evidence={"fairness": fairness(0.79, 0.694, 0.9)}))[0]
        is Result.FAIL
    )
    by_chance = fairness(0.79, 0.5, 1.2, p=0.4)
    assert ruled("four-fifths", case(evidence={"fairness": by_chance})) == (
        Result.UNKNOWN,
        Reason.NOT_SHOWN,
    )


def test_small_groups_are_left_out_and_one_group_alone_is_too_few() -> None:
    alone = ruled("four-fifths", case(evidence={"fairness": fairness(0.1, 0.05, 0.2, n=29)}))
    assert alone == (Result.UNKNOWN, Reason.TOO_FEW)


def test_rows_that_name_no_group_are_counted_and_not_judged() -> None:
    verdict = judge(POLICY, case(), NOW)
    groups = next(each for each in verdict.clauses if each.id == "four-fifths").groups
    assert segment(race="Unknown") in {group.segment for group in groups}
    assert clause(verdict, "four-fifths")[0] is Result.PASS


def test_not_applicable_is_signed_or_automatic_in_two_cases() -> None:
    assert ruled("not-worse", case()) == (Result.NOT_APPLICABLE, Reason.NO_CHAMPION)
    assert ruled("calm", case()) == (Result.NOT_APPLICABLE, Reason.NOT_SERVED)
    assert ruled("calm", case(served=True)) == (Result.UNKNOWN, Reason.MISSING)
    signed = Exemption(
        "x", "loan", "run-1", 1, "fairness", "No protected attribute exists.", "", "p", "a", NOW
    )
    excused = case(evidence={"fairness": None}, exemptions=[signed])
    assert ruled("four-fifths", excused) == (Result.NOT_APPLICABLE, Reason.EXCUSED)
    forbidding = parse(shipped("credit-and-hiring"))
    assert ruled("four-fifths", excused, forbidding) == (Result.UNKNOWN, Reason.MISSING)


def test_a_challenger_is_held_against_the_champions_value() -> None:
    champion = {"performance": performance(0.755, 0.74, 0.8)}
    assert ruled("not-worse", case(champion=TWO, champion_evidence=champion))[0] is Result.PASS
    better = {"performance": performance(0.765, 0.74, 0.8)}
    assert ruled("not-worse", case(champion=TWO, champion_evidence=better)) == (
        Result.UNKNOWN,
        Reason.NOT_SHOWN,
    )
    far_better = {"performance": performance(0.9, 0.88, 0.92)}
    assert ruled("not-worse", case(champion=TWO, champion_evidence=far_better))[0] is Result.FAIL
    assert ruled("not-worse", case(champion=TWO)) == (Result.UNKNOWN, Reason.MISSING)


def test_a_waiver_cannot_excuse_what_was_never_measured() -> None:
    waiver = Waiver(
        "W-1",
        ONE,
        "champion",
        "four-fifths",
        "",
        "p",
        NOW - timedelta(days=1),
        NOW + timedelta(days=9),
    )
    failing = case(evidence={"fairness": fairness(0.7, 0.6, 0.75)}, waivers=[waiver])
    assert ruled("four-fifths", failing)[0] is Result.WAIVED
    assert (
        ruled("four-fifths", case(evidence={"fairness": None}, waivers=[waiver]))[0]
        is Result.UNKNOWN
    )
    over = replace(waiver, until=NOW)
    assert ruled("four-fifths", replace(failing, waivers=[over]))[0] is Result.FAIL
    never = replace(waiver, clause_id="auc")
    bad = case(evidence={"performance": performance(0.5, 0.4, 0.6)}, waivers=[never])
    assert ruled("auc", bad)[0] is Result.FAIL


def test_an_empty_field_of_the_card_is_unknown() -> None:
    assert ruled("card-limitations", case(card_filled=frozenset())) == (
        Result.UNKNOWN,
        Reason.MISSING,
    )


def test_the_worst_clause_stands_first_and_decides() -> None:
    verdict = judge(POLICY, case(evidence={"fairness": fairness(0.7, 0.6, 0.75)}), NOW)
    severities = [each.result.severity for each in verdict.clauses]
    assert severities == sorted(severities, reverse=True)
    assert verdict.result is verdict.clauses[0].result is Result.FAIL
    assert exit_code(verdict) == 1


def test_time_alone_does_not_change_the_digest_and_live_clauses_stand_aside() -> None:
    first = judge(POLICY, case(), NOW)
    later = judge(POLICY, case(), NOW + timedelta(days=30))
    served = judge(POLICY, case(served=True), NOW)
    assert first.clauses_sha256 == later.clauses_sha256 == served.clauses_sha256
    stale = judge(POLICY, case(), NOW + timedelta(days=200))
    assert stale.clauses_sha256 != first.clauses_sha256
    assert {kind for kind, _ in first.selected} == {"performance", "fairness"}


FIGURES = st.floats(0.0, 1.0).map(lambda x: round(x, 3))


@given(FIGURES, FIGURES, FIGURES, st.floats(0.0, 0.5))
def test_worse_evidence_never_gets_a_better_verdict(
    a: float, b: float, c: float, loss: float
) -> None:
    lo, value, hi = sorted((a, b, c))
    worse = tuple(max(0.0, x - loss) for x in (value, lo, hi))
    here = ruled("auc", case(evidence={"performance": performance(value, lo, hi)}))[0]
    there = ruled("auc", case(evidence={"performance": performance(*worse)}))[0]
    assert there.severity >= here.severity


@given(st.sampled_from(["performance", "fairness"]), st.booleans())
def test_taking_evidence_away_never_helps(kind: str, served: bool) -> None:
    whole = judge(POLICY, case(served=served), NOW)
    less = judge(POLICY, case(served=served, evidence={kind: None}), NOW)
    assert less.result.severity >= whole.result.severity
    assert less.result is not Result.PASS
    assert exit_code(less) == 1


SHIPPED = """
policy: trial
version: 1
applies_to: {tier: [high]}
evidence:
%s
clauses:
%s
review: {quorum: {validator: 1}}
waivers: {max_days: 90, forbidden_for: []}
"""


def policy_of(evidence: str, clauses: str = "  []") -> Policy:
    return parse((SHIPPED % (evidence, clauses)).encode())


def by_group(name: str, attribute: str, **figures: tuple[float, float, float]) -> list[Measurement]:
    return [
        measured(name, *three, segment=segment(**{attribute: group}))
        for group, three in figures.items()
    ]


RATIO = "fairness.impact_ratio"
GOOD, BAD = (0.95, 0.90, 1.00), (0.50, 0.40, 0.60)
TWO_ATTRIBUTES = policy_of(
    "  fairness: {min_n: 30}",
    "  - {id: four-fifths, metric: fairness.impact_ratio, by: [race, sex], at_least: 0.80}",
)


def fair(*measurements: Measurement, **parameters: object) -> Case:
    evidence = replace(filed("fairness", *measurements), parameters=parameters)
    return Case(ONE, "champion", {"fairness": evidence})


def test_a_failing_group_fails_whatever_was_not_measured_beside_it() -> None:
    race = by_group(RATIO, "race", White=GOOD, Black=BAD)
    assert ruled("four-fifths", fair(*race), TWO_ATTRIBUTES) == (Result.FAIL, Reason.NONE)
    fine = by_group(RATIO, "race", White=GOOD, Black=GOOD)
    assert ruled("four-fifths", fair(*fine), TWO_ATTRIBUTES) == (Result.UNKNOWN, Reason.MISSING)
    both = fine + by_group(RATIO, "sex", male=GOOD, female=GOOD)
    assert ruled("four-fifths", fair(*both), TWO_ATTRIBUTES)[0] is Result.PASS


def test_a_waiver_never_reaches_over_what_was_not_measured() -> None:
    race = by_group(RATIO, "race", White=GOOD, Black=BAD)
    sex = by_group(RATIO, "sex", male=GOOD, female=GOOD)
    waiver = Waiver(
        "w", ONE, "champion", "four-fifths", "ab", "rosa", NOW - timedelta(days=1), NOW + timedelta(days=1)
    )  # fmt: skip
    with_waiver = replace(fair(*race, *sex), waivers=[waiver])
    assert ruled("four-fifths", with_waiver, TWO_ATTRIBUTES)[0] is Result.WAIVED
    with_hole = replace(fair(*race), waivers=[waiver])
    assert ruled("four-fifths", with_hole, TWO_ATTRIBUTES)[0] is Result.FAIL
    odd = replace(race[1], segment=segment(race="Asian"), value=None, lo=None, hi=None,
                  status=MeasurementStatus.NOT_ESTIMABLE)  # fmt: skip
    with_odd = replace(fair(*race, *sex, odd), waivers=[waiver])
    assert ruled("four-fifths", with_odd, TWO_ATTRIBUTES)[0] is Result.FAIL


def test_a_waiver_ends_when_the_policy_says_however_long_it_was_made() -> None:
    both = [
        *by_group(RATIO, "race", White=GOOD, Black=BAD),
        *by_group(RATIO, "sex", male=GOOD, female=GOOD),
    ]
    begun = NOW - timedelta(days=90)
    endless = Waiver("w", ONE, "champion", "four-fifths", "ab", "rosa", begun, NOW + timedelta(days=900))  # fmt: skip
    late = replace(fair(*both), waivers=[endless])
    assert ruled("four-fifths", late, TWO_ATTRIBUTES)[0] is Result.FAIL
    just = replace(late, waivers=[replace(endless, from_at=begun + timedelta(seconds=1))])
    assert ruled("four-fifths", just, TWO_ATTRIBUTES)[0] is Result.WAIVED
    none_allowed = replace(TWO_ATTRIBUTES, waivers=replace(TWO_ATTRIBUTES.waivers, max_days=0))
    assert ruled("four-fifths", just, none_allowed)[0] is Result.FAIL


def test_a_group_that_was_counted_and_not_compared_is_missing() -> None:
    rates = by_group("fairness.selection_rate", "race", White=GOOD, Black=GOOD, Asian=GOOD)
    ratios = by_group(RATIO, "race", White=GOOD, Black=GOOD)
    sex = by_group(RATIO, "sex", male=GOOD, female=GOOD)
    asked = replace(
        TWO_ATTRIBUTES,
        evidence={
            "fairness": replace(TWO_ATTRIBUTES.evidence["fairness"], reference={"race": "White"})
        },
    )
    told = fair(*rates, *ratios, *sex, reference={"race": "White"})
    assert ruled("four-fifths", told, asked) == (Result.UNKNOWN, Reason.MISSING)
    whole = fair(*rates[:2], *ratios, *sex, reference={"race": "White"})
    assert ruled("four-fifths", whole, asked)[0] is Result.PASS
    other = fair(*rates[:2], *ratios, *sex, reference={"race": "Black"})
    assert ruled("four-fifths", other, asked) == (Result.UNKNOWN, Reason.MISSING)


def test_each_alone_is_not_the_intersection() -> None:
    alone = [
        *by_group(RATIO, "race", White=GOOD, Black=GOOD),
        *by_group(RATIO, "sex", male=GOOD, female=GOOD),
    ]
    crossed = policy_of(
        "  fairness: {min_n: 30}",
        "  - {id: four-fifths, metric: fairness.impact_ratio, by: [race*sex], at_least: 0.80}",
    )
    assert ruled("four-fifths", fair(*alone), crossed) == (Result.UNKNOWN, Reason.MISSING)
    cells = [
        measured(RATIO, *figures, segment=segment(race=race, sex=sex))
        for race, sex, figures in (("White", "male", GOOD), ("Black", "female", BAD))
    ]
    assert ruled("four-fifths", fair(*alone, *cells), crossed)[0] is Result.FAIL
    assert ruled("four-fifths", fair(*alone, *cells), TWO_ATTRIBUTES)[0] is Result.PASS


def test_the_worst_of_equally_bad_groups_is_shown() -> None:
    worse = (0.40, 0.30, 0.50)
    both = [
        *by_group(RATIO, "race", White=GOOD, Black=BAD, Asian=worse),
        *by_group(RATIO, "sex", male=GOOD, female=GOOD),
    ]
    found = judge(TWO_ATTRIBUTES, fair(*both), NOW).clauses[0]
    assert (found.segment, found.value) == (segment(race="Asian"), 0.40)


@pytest.mark.parametrize(
    ("p", "expected"),
    [(0.05, Result.FAIL), (0.0500001, Result.UNKNOWN), (None, Result.FAIL)],
)
def test_chance_begins_above_five_in_a_hundred(p: float | None, expected: Result) -> None:
    groups = by_group(RATIO, "race", White=GOOD, Black=(0.79, 0.60, 0.99))
    sex = by_group(RATIO, "sex", male=GOOD, female=GOOD)
    if p is not None:
        groups.append(
            measured(
                "fairness.impact_ratio_p_adjusted", p, None, None, segment=segment(race="Black")
            )
        )
    assert ruled("four-fifths", fair(*groups, *sex), TWO_ATTRIBUTES)[0] is expected


@pytest.mark.parametrize(
    ("selected", "n"), [(a, b) for b in range(5, 400, 5) for a in [b * 4 // 5]]
)
def test_exactly_four_fifths_is_four_fifths(selected: int, n: int) -> None:
    for base in (0.3, 0.7, 0.9, 1 / 3):
        assert TWO_ATTRIBUTES.clauses[0].limits.holds((selected / n * base) / base)
    assert not TWO_ATTRIBUTES.clauses[0].limits.holds((selected - 1) / n)


def test_a_number_without_an_interval_shows_nothing() -> None:
    bare = filed("performance", measured("performance.auc", 0.99, None, None))
    assert ruled("auc", case(evidence={"performance": bare})) == (Result.UNKNOWN, Reason.NOT_SHOWN)


def test_rows_and_age_are_enough_at_the_boundary() -> None:
    assert ruled("auc", case(evidence={"performance": performance(n=300)}))[0] is Result.PASS
    assert ruled("auc", case(evidence={"performance": performance(age=180)}))[0] is Result.PASS
    assert ruled("auc", case(evidence={"performance": performance(age=180.001)}))[0] is (
        Result.UNKNOWN
    )


@pytest.mark.parametrize("name", ["standard", "minimal", "clinical"])
@pytest.mark.parametrize("task", ["regression", "multiclass", "classification", "ranking", None])
def test_a_task_that_a_policy_does_not_foresee_is_unknown(name: str, task: str | None) -> None:
    policy = parse(shipped(name))
    foreseen = {c.task for c in policy.clauses if c.metric.startswith("performance.")}
    perfect = [
        measured(f"performance.{each}", 0.99, 0.99, 0.99)
        for each in ("auc", "accuracy", "recall", "r2")
    ]
    evidence = {
        kind: replace(filed(kind, *perfect), parameters={"task": task} if task else {})
        for kind in policy.evidence
    }
    verdict = judge(
        policy, Case(ONE, "champion", evidence, card_filled=frozenset(policy.card_required)), NOW
    )
    assert verdict.result.permits == (task in foreseen)


def test_required_evidence_without_clauses_needs_its_rows() -> None:
    policy = policy_of("  lineage: {max_age_days: 10, min_n: 100}")
    few = {"lineage": filed("lineage", measured("lineage.sources_traced", 1.0, None, None, n=99))}
    assert ruled("evidence-lineage", Case(ONE, "champion", few), policy) == (
        Result.UNKNOWN,
        Reason.TOO_FEW,
    )
    enough = {"lineage": filed("lineage", measured("lineage.sources_traced", 1.0, None, None, n=100))}  # fmt: skip
    assert ruled("evidence-lineage", Case(ONE, "champion", enough), policy)[0] is Result.PASS
    assert ruled("evidence-lineage", Case(ONE, "champion", {}), policy)[0] is Result.UNKNOWN


def test_no_exemption_outranks_what_was_measured() -> None:
    signed = Exemption(
        "x", "loan", "run-1", 1, "fairness", "There are no people.", "ab", "vera", "a", NOW
    )
    bad = case(evidence={"fairness": fairness(0.5, 0.4, 0.6)}, exemptions=[signed])
    assert ruled("four-fifths", bad)[0] is Result.FAIL
    none = case(evidence={"fairness": None}, exemptions=[signed])
    assert ruled("four-fifths", none) == (Result.NOT_APPLICABLE, Reason.EXCUSED)


@pytest.mark.parametrize(("mine", "expected"), [(0.11, Result.PASS), (0.1100001, Result.FAIL)])
def test_where_lower_is_better_the_margin_is_added(mine: float, expected: Result) -> None:
    policy = policy_of(
        "  performance: {min_n: 30}",
        "  - {id: not-worse, metric: performance.brier, versus: champion, no_worse_by: 0.01}",
    )
    ours = filed("performance", measured("performance.brier", mine, mine, mine))
    theirs = filed("performance", measured("performance.brier", 0.10, 0.09, 0.11))
    given = Case(
        ONE,
        "champion",
        {"performance": ours},
        champion=TWO,
        champion_evidence={"performance": theirs},
    )
    assert ruled("not-worse", given, policy)[0] is expected


def test_a_comparison_over_other_rows_shows_nothing() -> None:
    theirs = replace(performance(0.5, 0.4, 0.6), inputs=(EvidenceInput("evaluation", "cd" * 32),))
    given = case(champion=TWO, champion_evidence={"performance": theirs})
    assert ruled("not-worse", given) == (Result.UNKNOWN, Reason.NOT_SHOWN)


def drift(
    value: float | None, lo: float | None, hi: float | None, *, ended: float = 0.4, days: float = 1
) -> dict[str, Evidence]:
    """The worst distance of a window of production that ended so many days ago."""
    end = NOW - timedelta(days=ended)
    number = measured("drift.ks", value, lo, hi, method="certified, hrat", n=900)
    found = filed("drift", number, age_days=0.1)
    period = {"period_start": end - timedelta(days=days), "period_end": end}
    return {"drift": replace(found, alias="champion", **period)}


def test_a_live_clause_bites_once_the_version_serves() -> None:
    assert ruled("calm", case(served=True)) == (Result.UNKNOWN, Reason.MISSING)
    assert ruled("calm", case()) == (Result.NOT_APPLICABLE, Reason.NOT_SERVED)
    bad = drift(0.31, 0.309, 0.31)
    assert ruled("calm", case(evidence=bad)) == (Result.NOT_APPLICABLE, Reason.NOT_SERVED)


@pytest.mark.parametrize(
    ("value", "lo", "hi", "expected"),
    [
        (0.1, 0.1, 0.101, (Result.PASS, Reason.NONE)),
        (0.2, 0.2, 0.2, (Result.PASS, Reason.NONE)),
        (0.1995, 0.1995, 0.2005, (Result.UNKNOWN, Reason.NOT_SHOWN)),
        (0.31, 0.309, 0.31, (Result.FAIL, Reason.NONE)),
        (None, None, None, (Result.UNKNOWN, Reason.ERROR)),
    ],
)
def test_a_live_clause_is_judged_by_the_newest_window_of_production(
    value: float | None, lo: float | None, hi: float | None, expected: tuple[Result, Reason]
) -> None:
    assert ruled("calm", case(served=True, evidence=drift(value, lo, hi))) == expected


def test_a_live_clause_reads_nothing_that_was_not_measured_in_production() -> None:
    before = {"drift": filed("drift", measured("drift.ks", 0.1, 0.1, 0.101))}
    assert ruled("calm", case(served=True, evidence=before)) == (Result.UNKNOWN, Reason.MISSING)


@pytest.mark.parametrize(
    ("ended", "days", "expected"),
    [
        (3.0, 1, (Result.PASS, Reason.NONE)),
        (3.01, 1, (Result.UNKNOWN, Reason.STALE)),
        (3.01, 31, (Result.PASS, Reason.NONE)),
        (94, 31, (Result.UNKNOWN, Reason.STALE)),
    ],
)
def test_a_model_that_fell_silent_is_not_calm_however_late_its_last_window_was_measured(
    ended: float, days: float, expected: tuple[Result, Reason]
) -> None:
    calm = drift(0.1, 0.1, 0.101, ended=ended, days=days)
    assert ruled("calm", case(served=True, evidence=calm)) == expected


def test_a_policy_may_name_the_age_of_production_evidence() -> None:
    policy = policy_of(
        "  performance: {min_n: 30}\n  drift: {max_age_days: 10, min_n: 901}",
        "  - {id: calm, metric: drift.ks, at_most: 0.2, live: true}",
    )
    week = case(served=True, evidence=drift(0.1, 0.1, 0.101, ended=7))
    assert ruled("calm", week, policy) == (Result.UNKNOWN, Reason.TOO_FEW)
    older = case(served=True, evidence=drift(0.1, 0.1, 0.101, ended=10.1))
    assert ruled("calm", older, policy) == (Result.UNKNOWN, Reason.STALE)
    verdict = judge(policy, week, NOW)
    assert "evidence-drift" not in {clause.id for clause in verdict.clauses}
    assert "drift" not in dict(verdict.selected)


def test_what_production_shows_today_voids_no_signature() -> None:
    calm = judge(POLICY, case(served=True, evidence=drift(0.1, 0.1, 0.101)), NOW)
    moved = judge(POLICY, case(served=True, evidence=drift(0.4, 0.4, 0.401)), NOW)
    assert moved.result is Result.FAIL
    assert calm.clauses_sha256 == moved.clauses_sha256
    assert calm.selected == moved.selected
    assert "drift" not in dict(moved.selected)


def report(value: float, lo: float | None, champion: ModelRef = TWO) -> Evidence:
    gain = measured(
        "challenger.gain", value, lo, value + 0.02, n=500, segment=segment(metric="performance.auc")
    )
    said = {"champion": {"version": champion.version, "run_id": champion.run_id}}
    return replace(filed("training_report", gain), parameters=said)


def on(rows: str, evidence: Evidence) -> Evidence:
    return replace(evidence, inputs=(EvidenceInput("evaluation", rows, 796),))


@pytest.mark.parametrize(
    ("gain", "lo", "expected"),
    [
        (0.03, 0.01, (Result.PASS, Reason.NONE)),
        (0.0, -0.005, (Result.PASS, Reason.NONE)),
        (0.0, -0.02, (Result.UNKNOWN, Reason.NOT_SHOWN)),
        (0.0, None, (Result.UNKNOWN, Reason.NOT_SHOWN)),
        (-0.02, -0.03, (Result.FAIL, Reason.NONE)),
    ],
)
def test_on_other_rows_a_paired_comparison_with_this_champion_decides(
    gain: float, lo: float | None, expected: tuple[Result, Reason]
) -> None:
    theirs = {"performance": on("theirs", performance(0.9, 0.89, 0.91))}
    ours = case(champion=TWO, champion_evidence=theirs)
    held = {**ours.evidence, "performance": on("ours", ours.evidence["performance"])}
    alone = replace(ours, evidence=held)
    assert ruled("not-worse", alone)[0] is not Result.PASS
    compared = replace(ours, evidence={**held, "training_report": report(gain, lo)})
    assert ruled("not-worse", compared) == expected
    kinds = {kind for kind, _ in judge(POLICY, compared, NOW).selected}
    assert "training_report" in kinds  # what decided is signed for


def test_a_comparison_with_another_champion_or_beside_the_same_rows_decides_nothing() -> None:
    theirs = {"performance": on("theirs", performance(0.9, 0.89, 0.91))}
    ours = case(champion=TWO, champion_evidence=theirs)
    other = report(0.5, 0.4, replace(TWO, version=7, run_id="run-7"))
    held = {**ours.evidence, "performance": on("ours", ours.evidence["performance"])}
    assert (
        ruled("not-worse", replace(ours, evidence={**held, "training_report": other}))[0]
        is not Result.PASS
    )
    same = {
        **ours.evidence,
        "performance": on("theirs", ours.evidence["performance"]),
        "training_report": report(0.5, 0.4),
    }
    assert ruled("not-worse", replace(ours, evidence=same))[0] is Result.FAIL
