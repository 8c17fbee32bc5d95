"""The flights of 2013: the figures that the drifting case rests on, against scipy and scikit-learn."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import skops.io
from scipy.stats import ks_2samp
from sklearn.metrics import accuracy_score, roc_auc_score

from services.facts.drift import rules, statistics
from services.facts.drift.types import NumericBinning
from services.facts.kpi.evaluation import measure
from services.facts.scoring.child import TRUSTED
from services.workflows.demonstration import flights, replay
from services.workflows.demonstration.cast import KPIS
from services.workflows.demonstration.recipes import RECIPES
from services.workflows.demonstration.replay import WORDS, answered

MODEL = "flight-delay"


@cache
def trained() -> Any:
    data = flights.flights()
    model = next(r for r in RECIPES if r.model == MODEL).build()
    return model.fit(data.features.iloc[data.train], data.target.iloc[data.train])


@cache
def stream() -> pd.DataFrame:
    return answered(replay.flight_days(), trained(), WORDS[MODEL])


def month(number: int) -> pd.DataFrame:
    return stream()[stream()["at"].dt.month == number]


def held_out() -> pd.DataFrame:
    data = flights.flights()
    return data.features.iloc[data.evaluation].assign(late=data.target.iloc[data.evaluation])


def accuracy(rows: pd.DataFrame) -> float:
    known = rows[rows["outcome"].notna() & rows["prediction"].notna()]
    return float(accuracy_score(known["outcome"], known["prediction"]))


def test_every_flight_of_march_to_december_is_asked_about_once() -> None:
    rows = stream()
    assert len(rows) == 284_887
    assert rows["prediction_id"].is_unique
    assert rows["at"].is_monotonic_increasing
    assert (rows["at"].min().date().isoformat(), rows["at"].max().date().isoformat()) == (
        "2013-03-01",
        "2013-12-31",
    )
    a_day = rows.groupby(rows["at"].dt.date).size()
    assert len(a_day) == 306
    assert 850 < a_day.mean() < 950


def test_days_and_not_rows_are_held_out() -> None:
    rows = flights.table()
    rows = rows[(rows["at"] < flights.TRAINED_UNTIL) & rows["late"].notna()].reset_index(drop=True)
    data = flights.flights()
    days = rows["at"].dt.date
    assert set(days.iloc[data.train]) & set(days.iloc[data.evaluation]) == set()
    assert len(data.train) + len(data.evaluation) == len(rows)
    assert data.target.equals(rows["late"].astype("int64").rename("late"))


def test_the_model_loses_eight_points_of_accuracy_by_july() -> None:
    held = held_out()
    score = trained().predict_proba(held[flights.FEATURES])[:, 1]
    assert accuracy_score(held["late"], score >= 0.5) == pytest.approx(0.791, abs=0.004)
    assert roc_auc_score(held["late"], score) == pytest.approx(0.680, abs=0.01)
    assert accuracy(month(3)) == pytest.approx(0.781, abs=0.004)
    assert accuracy(month(7)) == pytest.approx(0.70, abs=0.006)


@pytest.mark.parametrize(("number", "expected"), [(3, 0.26), (7, 1.0), (12, 0.12)])
def test_the_weather_warms_and_cools_again(number: int, expected: float) -> None:
    found = ks_2samp(held_out()["temp"].dropna(), month(number)["f_temp"].dropna()).statistic
    assert found == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("feature", flights.FEATURES[2:])
def test_the_exact_distance_of_every_month_lies_within_our_certified_bounds(feature: str) -> None:
    reference = held_out()[feature].to_numpy()
    binning = rules.numeric_binning(reference)
    profiled = _profile(binning, reference)
    for number in range(3, 13):
        current = month(number)[f"f_{feature}"].to_numpy()
        bounds = statistics.ks(binning, profiled, _profile(binning, current))
        exact = ks_2samp(reference[~np.isnan(reference)], current[~np.isnan(current)]).statistic
        assert bounds.lo - 1e-12 <= exact <= bounds.hi + 1e-12, number
        assert bounds.hi - bounds.lo <= 0.005


def _profile(binning: NumericBinning, values: Any) -> Any:
    batch = pa.record_batch({"x": pa.array(values, from_pandas=True)})
    return rules.profile_batch(batch, {"x": binning})["x"]


def test_a_request_that_failed_has_no_answer_and_its_flight_an_outcome_all_the_same() -> None:
    rows = stream()
    failed = rows[rows["status"] == "error"]
    assert 0.002 < len(failed) / len(rows) < 0.004
    assert failed[["score", "prediction", "decision"]].isna().all(axis=None)
    assert (failed["error_type"] == "Timeout").all()
    assert (failed["latency_ms"] == replay.TIMEOUT_MS).all()
    assert failed["outcome"].notna().mean() > 0.9
    assert (
        rows.loc[rows["status"] == "ok", ["score", "prediction", "decision"]].notna().all(axis=None)
    )


def test_the_share_of_late_flights_that_were_announced_is_a_figure_with_a_target() -> None:
    (kpi,) = [each for each in KPIS if each.model == MODEL]
    held = held_out()
    score = trained().predict_proba(held[flights.FEATURES])[:, 1]
    assert kpi.meets(float((score[held["late"] == 1] >= 0.5).mean())) is True
    july = month(7)
    table = pa.Table.from_pandas(july[["decision", "outcome", "status"]], preserve_index=False)
    start, end = datetime(2013, 7, 1, tzinfo=UTC), datetime(2013, 8, 1, tzinfo=UTC)
    told = measure(table, kpi.name, str(kpi.formula), start, end)
    late = july[(july["outcome"] == 1) & july["decision"].notna()]
    assert told.n == len(late)
    assert told.value == pytest.approx((late["decision"] == "late").mean())
    assert kpi.meets(told.value) is False


def test_an_outcome_comes_two_days_later_and_never_for_a_flight_that_never_arrived() -> None:
    rows = stream()
    waited = (rows["outcome_at"] - rows["at"]).dropna()
    assert (waited == pd.Timedelta(days=2)).all()
    assert rows["outcome"].isna().equals(rows["outcome_at"].isna())
    assert rows["outcome"].isna().mean() == pytest.approx(0.026, abs=0.002)


def test_simulated_latencies_follow_the_hours_load_and_are_the_same_every_time() -> None:
    busy = pd.Series(pd.date_range("2013-03-01T08:00Z", periods=3000, freq="s"))
    quiet = pd.Series(pd.date_range("2013-03-01T03:00Z", periods=30, freq="s"))
    at = pd.concat([quiet, busy], ignore_index=True)
    one = replay.latencies(at, np.random.default_rng(1))
    assert np.median(one[30:]) == pytest.approx(2 * replay.QUIET_MS, rel=0.05)
    assert np.log(one[30:]).std() == pytest.approx(replay.SPREAD, rel=0.05)
    assert np.median(one[:30]) < np.median(one[30:])
    assert np.array_equal(one, replay.latencies(at, np.random.default_rng(1)))


def test_the_model_is_read_back_without_a_type_the_sandbox_refuses() -> None:
    kept = skops.io.dumps(trained())
    types = skops.io.get_untrusted_types(data=kept)
    assert [name for name in types if not name.startswith(TRUSTED)] == []
    again = skops.io.loads(kept, trusted=types)
    rows = held_out()[flights.FEATURES].iloc[:500]
    assert np.array_equal(again.predict_proba(rows), trained().predict_proba(rows))
