"""Performance from scores alone: NannyML's own table, simulated promises, and the gap's noise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from services.facts.evidence.types import MeasurementStatus
from services.facts.performance import estimation, scores
from services.facts.performance.scores import ScoreProfile
from services.kernel.error import InsufficientEvidence
from tests.support.nannyml import car_loans

START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = {"start": START, "end": START + timedelta(days=1)}
AUC = [.970744, .971011, .971407, .971091, .971123, .961090, .961825, .961073, .962533, .961316]  # fmt: skip
F1 = [0.943030, 0.941324, 0.943574, 0.943159, 0.944204, 0.911753]


def profile(rows: pd.DataFrame) -> ScoreProfile:
    said, truth = rows["y_pred"] == 1, rows["repaid"].astype(float)
    return scores.score_profile(rows["y_pred_proba"].to_numpy(), said.to_numpy(), truth.to_numpy())


def drawn(generator: np.random.Generator, n: int, share: float = 1.0) -> ScoreProfile:
    """Rows of a model that says the truth about its chances."""
    chances = generator.beta(1.2, 1.2, n)
    truth = (generator.random(n) < chances).astype(float)
    truth[generator.random(n) > share] = np.nan
    return scores.score_profile(chances, chances >= 0.5, truth)


def test_the_table_of_nannymls_documentation() -> None:
    loans = car_loans()
    calibration = estimation.calibrate(profile(loans.reference))
    found = [estimation.estimate(calibration, profile(chunk)) for chunk in loans.chunks]
    assert [each.auc for each in found] == pytest.approx(AUC, abs=1e-6)
    assert [each.f1 for each in found[:6]] == pytest.approx(F1, abs=1e-6)
    assert found[0].accuracy == pytest.approx(0.941792, abs=1e-6)
    gaps = [estimation.gap(calibration, profile(chunk)) for chunk in loans.chunks]
    assert (
        max(abs(each.sigmas) for each in gaps) < estimation.SIGMAS
    )  # inputs moved, the concept did not


def test_promises_are_kept_by_a_model_that_says_its_chances() -> None:
    generator = np.random.default_rng(5)
    calibration = estimation.calibrate(drawn(generator, 20_000))
    gaps = [estimation.gap(calibration, drawn(generator, 1_000)).sigmas for _ in range(400)]
    assert 0.93 <= np.mean(np.abs(gaps) <= 1.96) <= 0.97
    assert np.mean(np.array(gaps) > 1.645) <= 0.08


def test_a_promise_is_what_scikit_learn_finds_when_outcomes_come() -> None:
    generator = np.random.default_rng(6)
    chances = generator.beta(0.8, 1.6, 200_000)
    truth = (generator.random(200_000) < chances).astype(float)
    said = chances >= 0.4
    found = scores.score_profile(chances, said, truth)
    promised = estimation.estimate(estimation.calibrate(found), found)
    assert promised.accuracy == pytest.approx(accuracy_score(truth, said), abs=2e-3)
    assert promised.f1 == pytest.approx(f1_score(truth, said), abs=2e-3)
    assert promised.auc == pytest.approx(roc_auc_score(truth, chances), abs=2e-3)


def test_an_outcome_that_turned_round_is_a_gap_and_the_promise_stays_high() -> None:
    generator = np.random.default_rng(7)
    calibration = estimation.calibrate(drawn(generator, 20_000))
    held = drawn(generator, 2_000)
    turned = ScoreProfile(held.counts, held.labelled, held.labelled - held.positives)
    found = estimation.gap(calibration, turned)
    assert found.sigmas > 20
    assert found.promised == estimation.estimate(calibration, turned).accuracy
    numbers = {
        each.metric: each for each in estimation.promises(calibration, turned, **WINDOW, min_n=200)
    }
    gap = numbers["performance.accuracy_gap"]
    assert gap.value is not None
    assert gap.lo is not None
    assert gap.floor is not None
    assert gap.lo > gap.floor > 0
    assert gap.method.endswith("standard errors")


def test_only_rows_with_an_outcome_are_in_the_gap() -> None:
    generator = np.random.default_rng(8)
    calibration = estimation.calibrate(drawn(generator, 5_000))
    some, none = drawn(generator, 1_000, share=0.4), drawn(generator, 1_000, share=0.0)
    assert estimation.gap(calibration, some).n == some.known < some.n
    with pytest.raises(InsufficientEvidence):
        estimation.gap(calibration, none)
    told = {
        each.metric: each for each in estimation.promises(calibration, none, **WINDOW, min_n=200)
    }
    assert told["performance.accuracy_gap"].status is MeasurementStatus.TOO_FEW
    assert told["performance.estimated_accuracy"].status is MeasurementStatus.OK


def test_scores_in_pieces_are_the_scores_as_a_whole() -> None:
    generator = np.random.default_rng(9)
    parts = [drawn(generator, n, share=0.5) for n in (10, 300, 1)]
    whole = scores.merge_scores(parts)
    assert (whole.n, whole.known) == (311, sum(each.known for each in parts))
    for name in ("counts", "labelled", "positives"):
        assert (getattr(whole, name) == sum(getattr(each, name) for each in parts)).all()
    assert scores.merge_scores([]).n == 0


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -0.1, 1.1])
def test_what_is_no_chance_is_counted_and_left_out(odd: float) -> None:
    found = scores.score_profile(np.array([odd, 0.0, 1.0]), np.array([True, False, True]))
    assert (found.n, found.unusable, found.known) == (2, 1, 0)
    assert (found.counts[0, 0], found.counts[1, -1]) == (1, 1)


def test_nothing_to_learn_from_is_said() -> None:
    same: Any = scores.score_profile(np.full(9, 0.5), np.full(9, True), np.ones(9))
    with pytest.raises(InsufficientEvidence):
        estimation.calibrate(same)
    calibration = estimation.calibrate(drawn(np.random.default_rng(1), 100))
    empty = scores.merge_scores([])
    with pytest.raises(InsufficientEvidence):
        estimation.estimate(calibration, empty)
    told = estimation.promises(calibration, empty, **WINDOW, min_n=0)
    assert {each.status for each in told} == {MeasurementStatus.TOO_FEW}


def test_where_all_chances_are_alike_no_area_is_told() -> None:
    generator = np.random.default_rng(2)
    certain = scores.score_profile(
        np.repeat([0.0, 1.0], 50), np.repeat([False, True], 50), np.repeat([0.0, 1.0], 50)
    )
    calibration = estimation.calibrate(certain)
    sure = scores.score_profile(np.ones(300), generator.random(300) > 2)
    found = {
        each.metric: each for each in estimation.promises(calibration, sure, **WINDOW, min_n=1)
    }
    assert found["performance.estimated_auc"].status is MeasurementStatus.NOT_ESTIMABLE
    assert found["performance.estimated_f1"].value == 0.0
