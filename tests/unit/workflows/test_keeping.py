"""A column that custody drops at the door is no fault of serving: it is said, and nobody is alerted."""

from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest

from console.views.drift.history import said
from services.facts.evidence.types import MeasurementStatus
from services.facts.prediction.types import Custody
from services.facts.prediction.withheld import Decision
from services.facts.window.types import WindowMetric
from services.judgement.alert.rules import judge
from services.judgement.alert.types import Judgement, Reading
from services.kernel.period import Period
from services.standards.policy.watch import DEFAULT_RULES
from services.workflows.monitoring.past import NO_PAST
from services.workflows.monitoring.types import Due
from tests.unit.facts.log_rows import START
from tests.unit.workflows.test_long_windows import measuring, rows

DAY = timedelta(days=1)
DUE = Due(Period(START, START + DAY), (), 500, 0, "stamp", closed=True)
WORDS = "dropped by custody at the door"
DECIDED = (Decision(START - 9 * DAY, Custody(dropped=frozenset({"x"}))),)
Numbers = dict[tuple[str, str], WindowMetric]


def found(served: pa.Table, *decisions: Decision) -> Numbers:
    told = measuring().window(served, DUE, START, replace(NO_PAST, decisions=decisions))
    return {(each.metric, each.feature): each for each in told.numbers if not each.segment}


@pytest.fixture(scope="module")
def forgotten() -> Numbers:
    return found(rows(0, 500).drop_columns(["f_x"]))


@pytest.fixture(scope="module")
def dropped() -> Numbers:
    return found(rows(0, 500).drop_columns(["f_x"]), *DECIDED)


RULES = {each.id: each for each in DEFAULT_RULES}


def judged(rule: str, number: WindowMetric) -> Judgement:
    return judge(replace(RULES[rule], least=1, of=1, min_n=30), [number])


@pytest.mark.parametrize(
    ("rule", "metric"),
    [("skew-schema", "drift.skew_differences"), ("missing", "data_quality.missing_share")],
)
def test_what_a_sender_forgets_fires_and_what_custody_drops_is_said(
    rule: str, metric: str, forgotten: Numbers, dropped: Numbers
) -> None:
    assert judged(rule, forgotten[metric, "x"]).reading is Reading.FIRING
    told = dropped[metric, "x"]
    unknown = judged(rule, told)
    assert unknown.reading is Reading.UNKNOWN, "unknown is no alarm, and nothing green"
    assert unknown.why == f"The values were {WORDS}."
    assert (told.value, told.status) == (None, MeasurementStatus.NOT_ESTIMABLE)
    assert said(told) == WORDS


def test_no_expectation_fails_of_a_column_that_is_dropped(
    forgotten: Numbers, dropped: Numbers
) -> None:
    metric = "data_quality.expectations_failed"
    assert forgotten[metric, "x"].value == 1
    assert (metric, "x") not in dropped
    assert dropped[metric, ""].value == 0


def test_the_other_columns_are_measured_as_before(forgotten: Numbers, dropped: Numbers) -> None:
    others = {key for key in forgotten if key[1] == "word"}
    assert others
    assert all(forgotten[key] == dropped[key] for key in others)


def test_a_column_that_is_there_is_measured_whatever_was_decided() -> None:
    served = rows(0, 500)
    assert found(served, *DECIDED) == found(served)
