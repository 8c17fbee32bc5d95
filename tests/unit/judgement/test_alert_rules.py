"""Rules over production: worse never turns firing into clear, and unknown resolves nothing."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import CALENDAR, WindowMetric
from services.judgement.alert.marks import Mark, mark, noise, upper_99
from services.judgement.alert.rhythm import stretched
from services.judgement.alert.rules import judge, judge_all, limit_words, silence
from services.judgement.alert.types import Reading
from services.standards.policy.watch import AlertRule, Comparison

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
KS = AlertRule("ks", "drift.ks", Comparison.OVER, 0.2, 0.16, least=2, of=3)
ERRORS = AlertRule("errors", "service.error_rate", Comparison.OVER, 0.02, 0.016)
WORSE = AlertRule("worse", "performance.accuracy", Comparison.BELOW_BASELINE, 0.05, 0.04)
RATIO = AlertRule(
    "ratio", "fairness.impact_ratio", Comparison.UNDER, 0.8, 0.84, min_n=30, by=("race", "race*sex")
)
GAP = AlertRule("gap", "performance.accuracy_gap", Comparison.OVER, 0.0, 0.0, sigmas=4)


def window(day: int, value: float | None, metric: str = "drift.ks", **more: object) -> WindowMetric:
    start = START + day * DAY
    return WindowMetric(start, start + DAY, metric, value, int(more.pop("n", 900)), **more)  # type: ignore[arg-type]


def days(*values: float | None) -> list[WindowMetric]:
    """One window a day; None is a day that was not measured."""
    return [window(day, value) for day, value in enumerate(values) if value is not None]


@pytest.mark.parametrize(
    ("values", "fresh", "held"),
    [
        ((0.1, 0.1, 0.3), Reading.CLEAR, Reading.CLEAR),
        ((0.1, 0.3, 0.3), Reading.FIRING, Reading.FIRING),
        ((0.3, 0.1, 0.3), Reading.FIRING, Reading.FIRING),
        ((0.3, 0.3, 0.1, 0.1), Reading.CLEAR, Reading.CLEAR),
        ((0.18, 0.18, 0.18), Reading.CLEAR, Reading.FIRING),
        ((0.3, 0.1, 0.18), Reading.CLEAR, Reading.FIRING),
        ((0.3, None, 0.3), Reading.FIRING, Reading.FIRING),
        ((0.3, 0.3, None, 0.1), Reading.UNKNOWN, Reading.FIRING),
        ((0.3, 0.3, None, None, 0.1), Reading.UNKNOWN, Reading.UNKNOWN),
        ((0.1,), Reading.UNKNOWN, Reading.UNKNOWN),
        ((0.1, 0.1), Reading.CLEAR, Reading.CLEAR),
        ((0.3, None, None, 0.3), Reading.UNKNOWN, Reading.UNKNOWN),
    ],
)
def test_two_of_three_windows_fire_and_two_calm_ones_resolve(
    values: tuple[float | None, ...], fresh: Reading, held: Reading
) -> None:
    assert judge(KS, days(*values)).reading is fresh
    assert judge(KS, days(*values), opened=True).reading is held


def test_a_distance_fires_by_its_certified_lower_end() -> None:
    rule = replace(KS, least=1, of=1)
    assert mark(rule, window(0, 0.21, lo=0.199, hi=0.22), None, 1) is Mark.BETWEEN
    assert mark(rule, window(0, 0.21, lo=0.201, hi=0.22), None, 1) is Mark.BEYOND


def test_a_rate_fires_only_when_its_interval_shows_it() -> None:
    three = window(0, 0.03, "service.error_rate", n=200, lo=0.0138, hi=0.064)
    many = window(0, 0.03, "service.error_rate", n=9000, lo=0.0267, hi=0.0337)
    assert judge(ERRORS, [three]).reading is Reading.CLEAR
    assert judge(ERRORS, [three], opened=True).reading is Reading.FIRING
    assert judge(ERRORS, [many]).reading is Reading.FIRING


@pytest.mark.parametrize(
    "number",
    [
        window(0, 0.9, n=199),
        window(0, None),
        window(0, math.nan),
        window(0, math.inf),
        window(0, 0.9, status=MeasurementStatus.TOO_FEW),
        window(0, 0.9, status=MeasurementStatus.NOT_ESTIMABLE),
    ],
)
def test_what_cannot_be_read_is_unknown_and_says_why(number: WindowMetric) -> None:
    rule = replace(KS, least=1, of=1)
    for opened in (False, True):
        judged = judge(rule, [number], opened=opened)
        assert judged.reading is Reading.UNKNOWN
        assert judged.why
        assert judged.window is None


def test_a_drop_is_shown_by_the_one_sided_bound_and_needs_a_baseline() -> None:
    bad = window(0, 0.70, "performance.accuracy", n=2000)
    assert judge(WORSE, [bad]).reading is Reading.UNKNOWN
    assert "baseline" in judge(WORSE, [bad]).why
    judged = judge(WORSE, [bad], baseline=0.78)
    assert judged.reading is Reading.FIRING
    assert judged.bound == pytest.approx(0.741)
    assert judged.limit == "≥ 0.741 (0.95 of 0.78)"
    few = replace(bad, n=200)
    assert judge(WORSE, [few], baseline=0.78).reading is Reading.CLEAR
    assert judge(WORSE, [few], baseline=0.78, opened=True).reading is Reading.FIRING


@pytest.mark.parametrize(("hits", "n"), [(140, 200), (1, 200), (0, 50), (899, 900)])
def test_the_upper_bound_is_wilsons(hits: int, n: int) -> None:
    ours = upper_99(window(0, hits / n, "performance.accuracy", n=n))
    assert ours == pytest.approx(stats.binomtest(hits, n).proportion_ci(0.98, "wilson").high)


def test_another_performance_uses_its_own_interval() -> None:
    rule = replace(WORSE, metric="performance.auc")
    bare = window(0, 0.70, "performance.auc")
    assert judge(rule, [bare], baseline=0.80).reading is Reading.UNKNOWN
    narrow, wide = replace(bare, lo=0.68, hi=0.72), replace(bare, lo=0.60, hi=0.80)
    assert judge(rule, [narrow], baseline=0.80).reading is Reading.FIRING
    assert judge(rule, [wide], baseline=0.80).reading is Reading.CLEAR


def test_a_gap_counts_in_its_own_standard_errors() -> None:
    def gap(value: float) -> WindowMetric:
        error = 1.959963984540054 * 0.01
        return window(0, value, GAP.metric, lo=value - error, hi=value + error)

    readings = [judge(GAP, [gap(each)], opened=True).reading for each in (0.041, 0.03, 0.019)]
    assert readings == [Reading.FIRING, Reading.FIRING, Reading.CLEAR]
    assert judge(GAP, [gap(0.03)]).reading is Reading.CLEAR
    assert judge(GAP, [window(0, 0.5, GAP.metric)]).reading is Reading.UNKNOWN


def test_the_worst_group_is_found_among_those_the_rule_names() -> None:
    numbers = [
        window(0, 0.60, RATIO.metric, segment="race=Black", lo=0.5, hi=0.7),
        window(0, 0.90, RATIO.metric, segment="race=White", lo=0.8, hi=1.0),
        window(0, 0.10, RATIO.metric, segment="sex=F", lo=0.0, hi=0.2),
        window(0, 0.60, RATIO.metric, segment="race=Black&sex=F", lo=0.5, hi=0.7),
        window(0, 0.10, RATIO.metric, lo=0.0, hi=0.2),
    ]
    judged = {each.segment: each.reading for each in judge_all(RATIO, numbers, None, frozenset())}
    assert judged == {
        "race=Black": Reading.FIRING,
        "race=White": Reading.CLEAR,
        "race=Black&sex=F": Reading.FIRING,
    }


def test_features_are_judged_each_alone_and_only_those_that_are_meant() -> None:
    rule = replace(KS, least=1, of=1)
    numbers = [window(0, 0.9, feature="temp"), window(0, 0.1, feature="wind")]
    found = {each.feature: each.reading for each in judge_all(rule, numbers, None, frozenset())}
    assert found == {"temp": Reading.FIRING, "wind": Reading.CLEAR}
    one = judge_all(replace(rule, feature="wind"), numbers, None, frozenset())
    assert [each.feature for each in one] == ["wind"]


def test_the_noise_grows_with_the_family_as_bonferroni_says() -> None:
    one = window(0, 0.1, floor=math.sqrt(math.log(2 / 0.05) / 2 / 900))
    fifty = math.sqrt(math.log(2 * 50 / 0.05) / 2 / 900)
    assert noise(one, 1) == one.floor
    assert noise(one, 50) == pytest.approx(fifty)
    psi = replace(one, metric="drift.psi", floor=0.02)
    assert noise(psi, 50) == pytest.approx(0.02 * (fifty / (one.floor or 1)) ** 2)


def test_what_chance_alone_gives_fires_nothing() -> None:
    rule = replace(KS, limit=0.05, resolve_at=0.04, least=1, of=1)
    number = window(0, 0.06, floor=0.045)
    assert judge(rule, [number], family=1).reading is Reading.FIRING
    assert judge(rule, [number], family=50).reading is Reading.CLEAR


def test_months_and_years_are_counted_by_the_calendar() -> None:
    starts = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13)]
    starts.append(datetime(2027, 1, 1, tzinfo=UTC))
    months = [WindowMetric(a, b, "drift.ks", 0.3, 900) for a, b in pairwise(starts)]
    rule = replace(KS, least=3, of=3)
    for last in range(3, 13):
        assert judge(rule, months[:last]).reading is Reading.FIRING
        assert judge(rule, [months[last - 3], months[last - 1]]).reading is Reading.UNKNOWN
    years = [datetime(year, 1, 1, tzinfo=UTC) for year in range(1982, 1989)]
    yearly = [WindowMetric(a, b, "drift.ks", 0.3, 900) for a, b in pairwise(years)]
    assert judge(rule, yearly).reading is Reading.FIRING
    assert judge(rule, [yearly[0], yearly[2], yearly[4]]).reading is Reading.UNKNOWN


def test_windows_that_slide_are_counted_once() -> None:
    minute, five = timedelta(minutes=1), timedelta(minutes=5)

    def slid(*values: float) -> list[WindowMetric]:
        starts = [START + place * minute for place in range(len(values))]
        return [
            WindowMetric(s, s + five, KS.metric, v, 900)
            for s, v in zip(starts, values, strict=True)
        ]

    burst = slid(*[0.1] * 9, 0.3, 0.3)
    assert judge(KS, burst).reading is Reading.CLEAR
    assert len(judge(KS, burst).breaches) == 1
    lasting = slid(*[0.1] * 4, *[0.3] * 7)
    assert [each.start for each in judge(KS, lasting).breaches] == [
        START + 5 * minute,
        START + 10 * minute,
    ]
    assert judge(KS, lasting).reading is Reading.FIRING


def test_silence_is_counted_from_the_last_prediction_in_the_rhythm_of_the_model() -> None:
    rule = AlertRule("silence", "service.silence_hours", Comparison.SILENT_HOURS, 26, 26, min_n=0)
    assert silence(rule, START, DAY, START + timedelta(hours=26)).reading is Reading.CLEAR
    judged = silence(rule, START, DAY, START + timedelta(hours=26.1))
    assert judged.reading is Reading.FIRING
    assert judged.window is not None
    assert judged.window.value == pytest.approx(26.1)
    assert silence(rule, START, 365 * DAY, START + 300 * DAY).reading is Reading.CLEAR
    assert silence(rule, START, 365 * DAY, START + 396 * DAY).reading is Reading.FIRING
    assert silence(rule, START, DAY, START - DAY).reading is Reading.CLEAR


def test_the_limit_is_said_with_what_it_rests_on() -> None:
    assert limit_words(KS, None) == "≤ 0.20"
    assert limit_words(RATIO, None) == "≥ 0.80"
    assert limit_words(GAP, None) == "≤ 0.00 by 4 standard errors"
    assert limit_words(WORSE, None) == "≥ 0.95 of the baseline"


# properties

SEVERITY = {Reading.CLEAR: 0, Reading.UNKNOWN: 1, Reading.FIRING: 2}
RULES = st.builds(
    lambda least, more, calm: replace(KS, least=least, of=least + more, resolve_at=0.2 * calm),
    st.integers(1, 4), st.integers(0, 4), st.floats(0, 1),
)  # fmt: skip
VALUES = st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=9).filter(
    lambda found: found[-1] is not None
)


@given(RULES, VALUES, st.lists(st.floats(0, 1), min_size=9, max_size=9), st.booleans())
def test_worse_evidence_never_gets_a_better_reading(
    rule: AlertRule, values: list[float | None], more: list[float], opened: bool
) -> None:
    worse = [None if v is None else v + by for v, by in zip(values, more, strict=False)]
    before = judge(rule, days(*values), opened=opened).reading
    after = judge(rule, days(*worse), opened=opened).reading
    assert SEVERITY[after] >= SEVERITY[before]


@given(RULES, VALUES, st.integers(0, 8), st.booleans())
def test_not_knowing_a_window_never_clears_anything(
    rule: AlertRule, values: list[float | None], which: int, opened: bool
) -> None:
    series = days(*values)
    which %= len(series)
    blank = replace(series[which], value=None, status=MeasurementStatus.TOO_FEW, n=3)
    before = judge(rule, series, opened=opened).reading
    after = judge(rule, [*series[:which], blank, *series[which + 1 :]], opened=opened).reading
    assert before is Reading.CLEAR or after is not Reading.CLEAR


@given(RULES, VALUES)
def test_an_open_alert_is_never_easier_to_clear_than_to_raise(
    rule: AlertRule, values: list[float | None]
) -> None:
    fresh, held = judge(rule, days(*values)), judge(rule, days(*values), opened=True)
    assert SEVERITY[held.reading] >= SEVERITY[fresh.reading]
    assert held.breaches == fresh.breaches


@given(st.floats(0, 1), st.floats(0, 0.3), st.integers(200, 5000), st.floats(0.5, 1))
def test_a_lower_accuracy_is_never_judged_better(
    value: float, drop: float, n: int, baseline: float
) -> None:
    good = window(0, value, WORSE.metric, n=n)
    bad = replace(good, value=max(value - drop, 0.0))
    for opened in (False, True):
        before = judge(WORSE, [good], baseline=baseline, opened=opened).reading
        after = judge(WORSE, [bad], baseline=baseline, opened=opened).reading
        assert SEVERITY[after] >= SEVERITY[before]


def test_a_feature_that_moves_with_the_calendar_fires_nothing_and_resolves_what_was_raised() -> (
    None
):
    series = days(0.86, 0.86, 0.86, 0.86)
    assert judge(KS, series).reading is Reading.FIRING
    moving = [series[0], *(replace(each, floor=0.86, method=CALENDAR) for each in series[1:])]
    assert judge(KS, moving, opened=True).reading is Reading.CLEAR


def accuracy(value: float, coverage: float | None, n: int = 900) -> WindowMetric:
    return window(0, value, "performance.accuracy", n=n, coverage=coverage)


def test_performance_is_judged_only_where_enough_outcomes_are_known() -> None:
    rule = replace(WORSE, min_coverage=0.5)
    assert judge(rule, [accuracy(0.6, 0.5)], baseline=0.8).reading is Reading.FIRING
    assert judge(rule, [accuracy(0.6, None)], baseline=0.8).reading is Reading.FIRING
    few = judge(rule, [accuracy(0.6, 0.12)], baseline=0.8)
    assert few.reading is Reading.UNKNOWN
    assert few.why == "Outcomes of 12% of the newest window's rows are known; 50% are needed."
    assert judge(rule, [accuracy(0.8, 0.12)], baseline=0.8, opened=True).reading is Reading.UNKNOWN


@pytest.mark.parametrize(("length", "times"), [(timedelta(hours=1), 1), (DAY, 1), (30 * DAY, 30), (365 * DAY, 365)])  # fmt: skip
def test_hours_are_stretched_to_the_rhythm_and_nothing_else_is(
    length: timedelta, times: int
) -> None:
    labels = AlertRule("labels", "performance.label_lag_hours", Comparison.OVER, 168.0, 134.4)
    found = stretched(labels, length)
    assert (found.limit, found.resolve_at) == (168.0 * times, pytest.approx(134.4 * times))
    assert stretched(ERRORS, length) is ERRORS
