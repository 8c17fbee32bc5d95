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
from services.facts.performance import estimation, scores
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
