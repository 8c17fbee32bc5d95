"""Two real streams against scipy and scikit-learn, and a world that turns on a known day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats
from scipy.spatial import distance
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from services.facts.drift import rules
from services.facts.drift.window import distances
from services.facts.evidence.types import MeasurementStatus
from services.facts.performance import estimation, pooling, scores
from services.facts.performance.estimation import Calibration
from services.facts.performance.scores import ScoreProfile
from services.facts.window.types import WindowMetric
from tests.benchmarks.streams import TURN, Day, turning

DATA = Path(__file__).parents[3].parent / "shared" / "data"
START = datetime(2026, 1, 1, tzinfo=UTC)
PRICES = ["period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"]
RIDES = ["hr", "weekday", "temp", "hum", "windspeed"]
Stream = tuple[list[str], list[pd.DataFrame]]


def months_of_electricity() -> Stream:
    """48 rows are a day, 30 days a month; the last one is short."""
    rows = pd.read_csv(DATA / "elec2.csv.gz").rename(columns={"class": "outcome"})
    return PRICES, [rows.iloc[at : at + 1_440] for at in range(0, len(rows), 1_440)]


def months_of_rides() -> Stream:
    """Calendar months; the outcome is whether more rides were taken than in half of the hours of 2011."""
    rows = pd.read_csv(DATA / "bike_hourly.csv.gz", parse_dates=["dteday"], date_format="%m/%d/%Y")
    usual = rows.loc[rows["yr"] == 0, "cnt"].median()
    rows["outcome"] = (rows["cnt"] > usual).astype(int)
    return RIDES, [month for _, month in rows.groupby(["yr", "mnth"])]


STREAMS = {"electricity": months_of_electricity, "bike sharing": months_of_rides}


@pytest.fixture(params=STREAMS)
def stream(request: pytest.FixtureRequest) -> Stream:
    if not DATA.is_dir():
        pytest.skip("../shared/data is absent")
    return STREAMS[request.param]()


def told(held: Any, now: Any) -> dict[str, WindowMetric]:
    binning = rules.numeric_binning(np.asarray(held, dtype=float))
    one, two = (
        rules.profile_batch(pa.record_batch({"x": pa.array(each, pa.float64())}), {"x": binning})["x"]
        for each in (held, now)
    )  # fmt: skip
    end = START + timedelta(days=30)
    found = distances(binning, one, two, start=START, end=end, feature="x", min_n=200)
    return {each.metric: each for each in found}


def tenths(held: Any, now: Any) -> Any:
    """Return shares by tenth of the reference, worked out from the rows themselves."""
    ordered = np.sort(held)
    cuts = np.unique([ordered[len(ordered) * each // 10] for each in range(1, 10)])
    counted = np.bincount(np.searchsorted(cuts, now, side="right"), minlength=len(cuts) + 1)
    return counted / len(now)


def test_every_feature_of_every_month_is_as_far_as_scipy_says(stream: Stream) -> None:
    names, months = stream
    far = 0
    for name in names:
        held = months[0][name].to_numpy(dtype=float)
        for month in months[1:]:
            now = month[name].to_numpy(dtype=float)
            found = told(held, now)
            ks, d = found["drift.ks"], stats.ks_2samp(held, now, method="asymp").statistic
            assert ks.lo is not None
            assert ks.hi is not None
            assert ks.lo - 1e-12 <= d <= ks.hi + 1e-12
            assert ks.hi - ks.lo <= 0.002
            p, q = tenths(held, held), tenths(held, now)
            wanted = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
            index = ((wanted[1] - wanted[0]) * np.log(wanted[1] / wanted[0])).sum()
            assert found["drift.psi"].value == pytest.approx(index, abs=1e-9)
            apart = distance.jensenshannon(p, q, base=2)
            assert found["drift.jensen_shannon"].value == pytest.approx(apart, abs=1e-7)
            moved = stats.wasserstein_distance(held, now)
            if np.ptp(
                held
            ):  # of a constant nothing but tails is left, and the smaller one is guessed
                assert found["drift.wasserstein"].value == pytest.approx(
                    moved, abs=0.02 * np.ptp([*held, *now])
                )
            far += ks.lo > 0.2
    assert far > len(months)  # these streams drift


def test_promises_and_gaps_of_every_month_are_those_of_scikit_learn(stream: Stream) -> None:
    names, months = stream
    learned, held, later = pd.concat(months[:3]), pd.concat(months[3:6]), months[6:]
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(learned[names], learned["outcome"])
    said = [model.predict_proba(each[names])[:, 1] for each in (held, *later)]
    isotonic = IsotonicRegression(out_of_bounds="clip").fit(said[0], held["outcome"])
    calibration = estimation.calibrate(profile(said[0], held["outcome"]))
    sigmas: list[float] = []
    for chances, month in zip(said[1:], later, strict=True):
        truth, answers = month["outcome"].to_numpy(), chances >= 0.5
        likely = np.clip(isotonic.predict(chances), 0, 1)
        found = estimation.gap(calibration, profile(chances, truth))
        assert found.realised == pytest.approx(accuracy_score(truth, answers), abs=1e-12)
        promised = np.where(answers, likely, 1 - likely).mean()
        assert found.promised == pytest.approx(promised, abs=0.01)
        told = estimation.estimate(calibration, profile(chances, truth))
        hits = likely[answers].sum()
        wrong = (1 - likely)[answers].sum() + likely[~answers].sum()
        assert told.f1 == pytest.approx(2 * hits / (2 * hits + wrong), abs=0.02)
        drawn = np.random.default_rng(1).random((20, len(likely))) < likely
        areas = [roc_auc_score(each, chances) for each in drawn]
        assert told.auc == pytest.approx(np.mean(areas), abs=0.02)
        sigmas.append(found.sigmas)
    assert max(sigmas) > estimation.SIGMAS  # and their concepts drift


def profile(chances: Any, truth: Any) -> ScoreProfile:
    return scores.score_profile(chances, chances >= 0.5, np.asarray(truth, dtype=float))


# the world that turns


def day(each: Day) -> ScoreProfile:
    return profile(each.scores, each.outcomes)


def gaps(calibration: Calibration, days: Iterator[Day]) -> Iterator[tuple[int, estimation.Gap]]:
    for each in days:
        yield each.number, estimation.gap(calibration, day(each))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_concept_that_turns_on_day_60_is_found_within_five_days_and_never_before(
    seed: int,
) -> None:
    days = turning(seed)
    reference = scores.merge_scores([day(next(days)) for _ in range(10)])
    calibration = estimation.calibrate(reference)
    usual = estimation.gap(calibration, reference).realised
    found = dict(gaps(calibration, days))
    alarms = [number for number, each in found.items() if each.sigmas > estimation.SIGMAS]
    assert TURN + 1 <= min(alarms) <= TURN + 5
    dropped = min(number for number, each in found.items() if each.realised < 0.95 * usual)
    assert min(alarms) < dropped  # the promise is broken before accuracy is a twentieth lower
    assert found[89].promised > usual > found[89].realised  # scores alone go on promising


def first_alarm(numbers: dict[int, WindowMetric]) -> int:
    """Return the first day beyond four standard errors; every filed interval is 1.96 of them."""
    errors = estimation.SIGMAS / 1.959964
    return min(
        day
        for day, each in numbers.items()
        if each.value is not None and each.hi is not None
        if each.value > errors * (each.hi - each.value)
    )


@pytest.mark.parametrize(("rows", "latest"), [(2_000, 69), (900, 70)])
def test_of_few_rows_a_day_four_windows_together_tell_it_sooner_and_not_by_day_65(
    rows: int, latest: int
) -> None:
    alone, together = list[int](), list[int]()
    for seed in range(6):
        days = turning(seed, rows=rows)
        calibration = estimation.calibrate(
            scores.merge_scores([day(next(days)) for _ in range(10)])
        )
        own = dict[int, WindowMetric]()
        four = dict[int, WindowMetric]()
        for each in days:
            at = START + timedelta(days=each.number)
            window = {"start": at, "end": at + timedelta(days=1)}
            told = estimation.promises(calibration, day(each), **window, min_n=30)[-1]
            four[each.number] = pooling.pooled(told, [*own.values()][-3:], calibration.rows)
            own[each.number] = told
        together.append(first_alarm(four))
        alone.append(first_alarm({n: each for n, each in own.items() if n > TURN}))
    assert all(TURN < each <= latest for each in together)
    assert np.mean(together) < np.mean(alone)
    assert max(together) > TURN + 5  # what 20,000 rows a day show, so few cannot


def test_pooled_noise_is_kept_where_nothing_turned() -> None:
    generator = np.random.default_rng(3)
    sigmas = list[float]()
    for _ in range(150):
        chances = generator.beta(1.2, 1.2, (6, 1_000))
        truth = (generator.random(chances.shape) < chances).astype(float)
        parts = [scores.score_profile(c, c >= 0.5, t) for c, t in zip(chances, truth, strict=True)]
        calibration = estimation.calibrate(scores.merge_scores(parts[:2]))
        window = {"start": START, "end": START + timedelta(days=1)}
        gaps = [
            estimation.promises(calibration, each, **window, min_n=30)[-1] for each in parts[2:]
        ]
        found = pooling.pooled(gaps[-1], gaps[:-1], calibration.rows)
        assert found.value is not None
        assert found.hi is not None
        assert found.n == 4_000
        sigmas.append(found.value / (found.hi - found.value))
    assert 0.90 <= np.mean(np.abs(sigmas) <= 1) <= 0.99


def test_a_window_without_outcomes_pools_nothing_and_one_before_it_is_passed_over() -> None:
    at = {"start": START, "end": START + timedelta(days=1)}
    known = WindowMetric(**at, metric=pooling.GAP, value=0.1, n=900, lo=0.05, hi=0.15, coverage=0.5)
    few = WindowMetric(**at, metric=pooling.GAP, value=None, n=3, status=MeasurementStatus.TOO_FEW)
    assert pooling.pooled(few, [known, known], 4_000).status is MeasurementStatus.TOO_FEW
    found = pooling.pooled(known, [few, few, few], 4_000)
    assert (found.value, found.n, found.coverage) == (pytest.approx(0.1), 900, pytest.approx(0.5))
    assert (found.lo, found.hi) == (pytest.approx(0.05), pytest.approx(0.15))
