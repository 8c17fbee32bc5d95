"""ProPublica's table of 2016 and the law's own example come out of our audit to the last digit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from services.facts.evidence.types import MeasurementStatus, Reading
from services.facts.fairness.service import Audit, measure
from tests.unit.facts.readings import Bools, evaluation, named, value

DATA = Path(__file__).parents[3].parent / "shared" / "data"
BLACK, WHITE = "race=African-American", "race=Caucasian"
Table = list[tuple[str | None, int, int]]

LL144_SEX: Table = [("Male", 1390, 667), ("Female", 1181, 555), (None, 250, 125)]
LL144_RACE: Table = [
    ("Hispanic", 408, 204),
    ("White", 797, 412),
    ("Black", 390, 170),
    ("Pacific", 119, 52),
    ("Asian", 616, 302),
    ("Native", 41, 18),
    ("Two", 213, 96),
    (None, 250, 125),
]


@pytest.fixture(scope="module")
def defendants() -> pd.DataFrame:
    if not DATA.is_dir():
        pytest.skip("../shared/data is absent")
    return pd.read_csv(DATA / "compas_two_years.csv.gz", keep_default_na=False)


def audited(defendants: pd.DataFrame, chosen: Bools, favourable: int) -> Reading:
    rows = defendants[["two_year_recid", "race"]]
    held = evaluation(rows, target="two_year_recid", protected=["race"])
    return measure(held, chosen, Audit(("race",), {"race": "Caucasian"}, favourable), seed=1)


def labelled(defendants: pd.DataFrame, *scores: str) -> Bools:
    return defendants["score_text"].isin(scores).to_numpy(dtype=bool)


def percent(reading: Reading, rate: str, segment: str) -> float:
    return round(100 * value(reading, f"fairness.{rate}", segment), 2)


def missed(reading: Reading, segment: str) -> float:
    return round(100 * (1 - value(reading, "fairness.tpr", segment)), 2)


def test_all_7214_defendants_are_audited(defendants: pd.DataFrame) -> None:
    reading = audited(defendants, labelled(defendants, "Medium", "High"), 1)
    assert reading.inputs[0].rows == 7214
    assert named(reading, "fairness.selection_rate", BLACK).n == 3696
    assert named(reading, "fairness.selection_rate", WHITE).n == 2454


def test_medium_or_high_scores_err_as_propublica_published(defendants: pd.DataFrame) -> None:
    reading = audited(defendants, labelled(defendants, "Medium", "High"), 1)
    assert (percent(reading, "fpr", BLACK), missed(reading, BLACK)) == (44.85, 27.99)
    assert (percent(reading, "fpr", WHITE), missed(reading, WHITE)) == (23.45, 47.72)


def test_high_scores_alone_err_as_propublica_published(defendants: pd.DataFrame) -> None:
    reading = audited(defendants, labelled(defendants, "High"), 1)
    assert (percent(reading, "fpr", BLACK), missed(reading, BLACK)) == (15.82, 61.02)
    assert (percent(reading, "fpr", WHITE), missed(reading, WHITE)) == (5.44, 79.81)


def test_the_counts_of_both_groups_are_propublicas(defendants: pd.DataFrame) -> None:
    reading = audited(defendants, labelled(defendants, "Medium", "High"), 1)
    held = {row["group"][0]: row for row in reading.payload["tables"]["race"]["groups"]}
    black, white = held["African-American"], held["Caucasian"]
    assert (black["true_selected"], black["false_selected"]) == (1369, 805)
    assert (black["positives"], black["n"] - black["positives"]) == (1369 + 532, 805 + 990)
    assert (white["true_selected"], white["false_selected"]) == (505, 349)
    assert (white["positives"], white["n"] - white["positives"]) == (505 + 461, 349 + 1139)


def test_hoping_for_a_low_score_mirrors_the_table(defendants: pd.DataFrame) -> None:
    reading = audited(defendants, labelled(defendants, "Low"), 0)
    assert (percent(reading, "fpr", BLACK), missed(reading, BLACK)) == (27.99, 44.85)
    assert (percent(reading, "fpr", WHITE), missed(reading, WHITE)) == (47.72, 23.45)


def test_black_defendants_get_low_scores_less_often(defendants: pd.DataFrame) -> None:
    reading = audited(defendants, labelled(defendants, "Low"), 0)
    ratio = named(reading, "fairness.impact_ratio", BLACK)
    assert ratio.value == pytest.approx(((990 + 532) / 3696) / ((1139 + 461) / 2454))
    assert ratio.hi is not None
    assert ratio.hi < 0.8
    assert value(reading, "fairness.impact_ratio_p_adjusted", BLACK) < 1e-6


def test_eighteen_native_americans_are_too_few_for_a_rate(defendants: pd.DataFrame) -> None:
    reading = audited(defendants, labelled(defendants, "Low"), 0)
    few = named(reading, "fairness.selection_rate", "race=Native%20American")
    assert (few.n, few.value, few.status) == (18, None, MeasurementStatus.TOO_FEW)


def candidates(table: Table, reference: str) -> Reading:
    groups = [group for group, n, _ in table for _ in range(n)]
    chosen = np.array([i < hits for _, n, hits in table for i in range(n)])
    held = evaluation({"y": [i % 2 for i in range(len(groups))], "g": groups}, protected=["g"])
    return measure(held, chosen, Audit(("g",), {"g": reference}, 1), seed=1)


def test_new_yorks_published_ratio_by_sex_is_reproduced() -> None:
    reading = candidates(LL144_SEX, "Male")
    assert value(reading, "fairness.impact_ratio", "g=Male") == 1.0
    assert round(value(reading, "fairness.impact_ratio", "g=Female"), 3) == 0.979


@pytest.mark.parametrize(
    ("group", "published"),
    [("Hispanic", 0.97), ("White", 1.0), ("Black", 0.84), ("Pacific", 0.85), ("Asian", 0.95),
     ("Native", 0.85), ("Two", 0.87)],
)  # fmt: skip
def test_new_yorks_published_ratios_by_race_are_reproduced(group: str, published: float) -> None:
    reading = candidates(LL144_RACE, "White")
    assert round(value(reading, "fairness.impact_ratio", f"g={group}"), 2) == published


def test_new_yorks_250_unknown_applicants_are_counted() -> None:
    table = candidates(LL144_RACE, "White").payload["tables"]["g"]
    assert {row["group"][0]: row["n"] for row in table["groups"]}["Unknown"] == 250
