"""Rates by group in a window of production: the figures of the bias audit, on what is known so far."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from services.facts.evidence.types import MeasurementStatus
from services.facts.fairness import production
from services.facts.fairness.grouping import Audit
from services.facts.fairness.service import measure as audited
from services.facts.window.types import WindowMetric
from tests.unit.facts.log_rows import END, START, labelled
from tests.unit.facts.readings import evaluation

AUDIT = Audit(("race", "sex", "race*sex"), {"race": "White"}, 1)


def people(n: int = 600, seed: int = 8) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    race = generator.choice(["White", "Black", "Asian"], n, p=[0.55, 0.42, 0.03])
    return pd.DataFrame(
        {
            "prediction_id": [f"p{k}" for k in range(n)],
            "race": race,
            "sex": generator.choice(["F", "M"], n),
            "score": np.clip(generator.random(n) - 0.2 * (race == "Black"), 0, 1),
            "y": generator.integers(0, 2, n),
        }
    )


def attributes(rows: pd.DataFrame) -> pa.Table:
    named = rows[["prediction_id", "race", "sex"]].rename(
        columns={"race": "a_race", "sex": "a_sex"}
    )
    return pa.Table.from_pandas(named, preserve_index=False)


def measured(
    rows: pd.DataFrame,
    outcome: list[Any] | None = None,
    audit: Audit = AUDIT,
    protected: pa.Table | None = None,
    positive: int | None = None,
) -> dict[tuple[str, str], WindowMetric]:
    told = rows["y"].tolist() if outcome is None else outcome
    table = labelled(len(rows), told, prediction_id=rows["prediction_id"].tolist(),
                     score=rows["score"].to_numpy())  # fmt: skip
    its = attributes(rows) if protected is None else protected
    found = production.measure(table, its, audit, 0.5, START, END, positive=positive)
    return {(each.metric, each.segment): each for each in found}


def test_when_every_outcome_is_known_it_is_the_bias_audit() -> None:
    rows = people()
    chosen = (rows["score"] >= 0.5).to_numpy()
    held = evaluation(rows, target="y", id="prediction_id", protected=["race", "sex"])
    expected = audited(held, chosen, AUDIT, seed=0).measurements
    found = measured(rows)
    assert len(found) == len(expected) > 30
    for each in expected:
        its = found[each.metric, each.segment]
        assert (its.value, its.lo, its.hi, its.n) == (each.value, each.lo, each.hi, each.n)
        assert (its.status, its.method) == (each.status, each.method)


def test_selection_is_told_of_all_rows_and_errors_of_those_with_an_outcome() -> None:
    rows = people()
    some = [int(y) if k % 3 == 0 else None for k, y in enumerate(rows["y"])]
    all_known, found = measured(rows), measured(rows, some)
    key = ("fairness.impact_ratio", "race=Black")
    assert found[key] == all_known[key]
    third = measured(rows[::3].reset_index(drop=True))["fairness.tpr", "race=Black"]
    assert found["fairness.tpr", "race=Black"] == third
    none = measured(rows, [None] * 600)
    assert none[key] == all_known[key]
    assert none["fairness.tpr", "race=White"].status is MeasurementStatus.TOO_FEW


def test_a_small_group_is_too_few_and_who_does_not_say_is_counted_and_not_judged() -> None:
    rows = people()
    found = measured(rows)
    few = found["fairness.impact_ratio", "race=Asian"]
    assert (few.value, few.status) == (None, MeasurementStatus.TOO_FEW)
    silent = attributes(rows[rows.index % 2 == 0])
    half = measured(rows, protected=silent)
    assert half["fairness.selection_rate", "race=Unknown"].n == 300
    assert ("fairness.impact_ratio_p_adjusted", "race=Unknown") not in half


def test_a_window_without_the_reference_group_tells_no_ratio() -> None:
    rows = people()
    rows = rows[rows["race"] == "Black"].reset_index(drop=True)
    found = measured(rows)
    ratio = found["fairness.impact_ratio", "race=Black"]
    assert (ratio.value, ratio.status) == (None, MeasurementStatus.TOO_FEW)
    assert found["fairness.selection_rate", "race=Black"].value == pytest.approx(
        (rows["score"] >= 0.5).mean()
    )
    assert found["fairness.selection_rate", "race=White"].n == 0


def test_where_the_score_is_of_the_other_class_who_is_under_the_threshold_is_selected() -> None:
    rows = people()
    found = measured(rows, audit=Audit(("race",), {"race": "White"}, 0), positive=1)
    rejected = rows[(rows["race"] == "Black")]["score"] < 0.5
    assert found["fairness.selection_rate", "race=Black"].value == pytest.approx(rejected.mean())
    same = measured(rows, audit=Audit(("race",), {"race": "White"}, 1), positive=1)
    assert same == measured(rows, audit=Audit(("race",), {"race": "White"}, 1))


NOBODY = (pa.table({}), pa.table({"prediction_id": pa.array([], pa.string())}))


@pytest.mark.parametrize("n", [0, 200])
@pytest.mark.parametrize("nothing", NOBODY)
def test_an_attribute_that_no_row_says_is_too_few_and_never_absent(
    n: int, nothing: pa.Table
) -> None:
    rows = people(200).head(n)
    table = labelled(n, rows["y"].tolist(), prediction_id=pa.array(rows["prediction_id"], pa.string()),
                     score=rows["score"].to_numpy())  # fmt: skip
    found = production.measure(table, nothing, AUDIT, 0.5, START, END)
    assert [each.feature for each in found] == ["race", "sex", "race*sex"]
    assert {each.status for each in found} == {MeasurementStatus.TOO_FEW}


def test_of_an_attribute_that_was_corrected_the_last_one_counts() -> None:
    rows = people()
    twice = pa.concat_tables([attributes(rows.assign(race="White")), attributes(rows)])
    assert measured(rows, protected=twice) == measured(rows)
