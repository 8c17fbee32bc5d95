"""What a formula comes to, against NumPy over the same rows."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from services.facts.evidence.types import MeasurementStatus
from services.facts.kpi import evaluation
from services.facts.performance.statistics import mean_t, wilson
from services.facts.window.types import WindowMetric
from tests.unit.facts.log_rows import END, START, rows

N = 400
G = np.random.default_rng(12)
AMOUNT = G.gamma(2, 500, N)
OUTCOME = [int(each) if k % 4 else None for k, each in enumerate(G.random(N) < 0.3)]
DECISION = G.choice(["approve", "reject"], N).tolist()
HAS = np.array([each is not None for each in OUTCOME])
LATE = np.array([each == 1 for each in OUTCOME])
APPROVED = np.array([each == "approve" for each in DECISION])


def table(**more: Any) -> pa.Table:
    return rows(N, f_amount=AMOUNT, outcome=OUTCOME, decision=DECISION, **more)


def worth(text: str, over: pa.Table | None = None) -> WindowMetric:
    return evaluation.measure(table() if over is None else over, "it", text, START, END)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("count()", N),
        ("count(outcome = 1)", LATE.sum()),
        ('share(decision = "approve")', APPROVED.mean()),
        ('share(decision = "approve" where outcome = 1)', APPROVED[LATE].mean()),
        ("share(outcome = 1)", LATE[HAS].mean()),
        ("share(outcome != 1)", 1 - LATE[HAS].mean()),
        ("sum(outcome) / count()", LATE.sum() / N),
        ('mean(f_amount where decision = "reject")', AMOUNT[~APPROVED].mean()),
        ("median(f_amount)", np.median(AMOUNT)),
        ("max(f_amount) - min(f_amount)", np.ptp(AMOUNT)),
        ('sum(f_amount where decision = "approve" and outcome = 1) / 1000',
         AMOUNT[APPROVED & LATE].sum() / 1_000),
        ("1 - share(f_amount > 1000)", 1 - (AMOUNT > 1_000).mean()),
        ("2 * count() - count() / 4", 2 * N - N / 4),
    ],
)  # fmt: skip
def test_a_formula_comes_to_what_numpy_says(text: str, value: float) -> None:
    found = worth(text)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert (found.metric, found.feature, found.status) == ("kpi.value", "it", MeasurementStatus.OK)


def test_a_single_figure_has_the_interval_of_its_kind() -> None:
    share = worth("share(outcome = 1)")
    expected = wilson(int(LATE.sum()), int(HAS.sum()))
    assert (share.lo, share.hi, share.n) == (expected.lo, expected.hi, HAS.sum())
    mean = worth("mean(f_amount)")
    assert (mean.lo, mean.hi) == (mean_t(AMOUNT).lo, mean_t(AMOUNT).hi)
    median = worth("median(f_amount)")
    assert median.lo is not None
    assert median.hi is not None
    assert median.lo < np.median(AMOUNT) < median.hi
    assert worth("100 * share(outcome = 1)").lo is None  # a product has none that is known


def test_few_rows_are_too_few_but_for_a_count_or_a_sum() -> None:
    few = table().slice(0, 20)
    for text in ("share(outcome = 1)", "mean(f_amount)", "sum(f_amount) / count()"):
        assert worth(text, few).status is MeasurementStatus.TOO_FEW
        assert worth(text, few).value is None
    assert worth("count() / 24", few).value == pytest.approx(20 / 24)
    assert worth("sum(f_amount)", few).value == pytest.approx(AMOUNT[:20].sum())


def test_what_divides_by_nothing_or_asks_for_what_is_not_there_is_not_estimable() -> None:
    nothing = MeasurementStatus.NOT_ESTIMABLE
    assert worth("count() / 0").status is nothing
    empty = table().slice(0, 0)
    assert worth("count()", empty).value == 0.0
    assert worth("mean(f_other)").status is MeasurementStatus.TOO_FEW
    endless = table(f_odd=[np.inf, 1.0] * (N // 2))
    assert worth("mean(f_odd)", endless).value == 1.0


def test_one_class_has_one_name_in_a_formula_too() -> None:
    for outcome in ([True, False] * 200, ["1", "0"] * 200, [1.0, 0.0] * 200):
        over = rows(N, outcome=outcome)
        assert worth("share(outcome = 1)", over).value == 0.5
        assert worth('share(outcome = "1")', over).value == 0.5
        assert worth("share(outcome = true)", over).value == 0.5
