"""Leakage: each way in which a training knows too much is seen, and honest rows are not refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from services.facts.training_data.columns import normalised
from services.facts.training_data.leakage import look
from services.facts.training_data.loading import snapshot
from services.facts.training_data.types import Snapshot, Source
from services.kernel.error import InvalidInput
from services.record.canonical import canonical

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/schemas/leakage-1.json").read_text())
START = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = Source("rows.parquet", "late", time="at", id="flight")
N = 600


def made(first: int = 0, n: int = N, **columns: Any) -> Snapshot:
    random = np.random.default_rng(first)
    distance = random.normal(1000, 200, n)
    late = (random.random(n) < 1 / (1 + np.exp(-(distance - 1000) / 200))).astype(int)
    held = {
        "flight": [f"f{first + i}" for i in range(n)],
        "at": [START + timedelta(hours=first + i) for i in range(n)],
        "distance": distance,
        "carrier": random.choice(["UA", "AA", None], n).tolist(),
        "late": late,
        **columns,
    }
    return snapshot(SOURCE, normalised(pa.table(held)))


def value(found: Any, metric: str, feature: str = "") -> float | None:
    segment = f"feature={feature}" if feature else ""
    return next(
        m.value for m in found.reading.measurements if (m.metric, m.segment) == (metric, segment)
    )


def test_honest_rows_are_not_refused_and_the_payload_says_everything() -> None:
    train, holdout = made(), made(N)
    found = look(train, holdout)
    assert found.refused == ()
    jsonschema.validate(json.loads(canonical(found.reading.payload)), SCHEMA)
    truth = holdout.table.column("late").to_pylist()
    expected = roc_auc_score(truth, holdout.table.column("distance").to_pylist())
    raw = next(f for f in found.reading.payload["single"]["features"] if f["feature"] == "distance")
    assert value(found, "leakage.single_feature_auc", "distance") == pytest.approx(
        expected, abs=1e-12
    )
    assert raw["u"] / (raw["positives"] * raw["negatives"]) == pytest.approx(expected, abs=1e-12)
    assert value(found, "leakage.row_overlap") == 0
    assert canonical(look(train, holdout).reading.payload) == canonical(found.reading.payload)


def test_a_row_of_the_holdout_in_the_training_is_found_by_its_id() -> None:
    holdout = made(N)
    ids = [f"f{i}" for i in range(N)]
    ids[3] = "f700"
    found = look(made(flight=ids), holdout)
    assert value(found, "leakage.id_overlap") == pytest.approx(1 / N)
    assert found.refused[0].startswith("1 of 600 rows of the holdout are among the training rows")


def test_without_ids_one_equal_row_is_too_many_and_with_ids_one_is_chance() -> None:
    train, holdout = made(), made(N)
    copied = pa.concat_tables(
        [
            train.table,
            holdout.table.slice(0, 1).set_column(0, "flight", pa.array(["x"], pa.large_string())),
        ]
    )
    times = pa.array(
        [START + timedelta(hours=i) for i in range(N)] + [START],
        train.table.schema.field("at").type,
    )
    copied = copied.set_column(1, "at", times)
    with_ids = snapshot(SOURCE, copied)
    assert value(look(with_ids, holdout), "leakage.row_overlap") == pytest.approx(1 / N)
    assert look(with_ids, holdout).refused == ()
    plain = replace(SOURCE, id="")
    bare = [snapshot(plain, each.drop_columns(["flight"])) for each in (copied, holdout.table)]
    assert "same content" in look(*bare).refused[0]


def test_many_equal_rows_under_other_ids_are_a_leak() -> None:
    holdout = made(N)
    half = pa.concat_tables([made().table, holdout.table.slice(0, 300)])
    train = half.set_column(0, "flight", pa.array([f"g{i}" for i in range(900)], pa.large_string()))
    train = train.set_column(1, "at", pa.array([START] * 900, train.schema.field("at").type))
    found = look(snapshot(SOURCE, train), holdout)
    assert value(found, "leakage.row_overlap") == pytest.approx(0.5)
    assert len(found.refused) == 1


def test_rows_that_are_not_older_than_the_holdout_are_refused() -> None:
    found = look(made(n=N + 5), made(N + 2, n=100))
    assert value(found, "leakage.time_overlap") == pytest.approx(3 / (N + 5))
    assert any("3 of 605 training rows are not older" in each for each in found.refused)
    assert look(made(n=N), made(N)).refused == ()


def test_without_a_time_column_the_order_is_unknown_and_never_zero() -> None:
    plain = replace(SOURCE, time="")
    bare = [snapshot(plain, each.table.drop_columns(["at"])) for each in (made(), made(N))]
    assert value(look(*bare), "leakage.time_overlap") is None


def test_a_feature_that_is_the_outcome_is_refused() -> None:
    sides = [made(), made(N)]
    told = [each.table.append_column("arrived", each.table.column("late").cast(pa.float64())) for each in sides]  # fmt: skip
    found = look(*(snapshot(SOURCE, each) for each in told))
    assert value(found, "leakage.single_feature_auc", "arrived") == 1.0
    assert ["'arrived'" in each for each in found.refused] == [True]


def test_a_value_that_is_there_only_for_one_outcome_is_refused() -> None:
    sides = [made(), made(N)]
    told = [
        each.table.append_column(
            "minutes",
            pa.array([7.0 if late else None for late in each.table.column("late").to_pylist()]),
        )
        for each in sides
    ]
    assert "'minutes'" in look(*(snapshot(SOURCE, each) for each in told)).refused[0]


def test_a_text_that_is_another_in_every_row_tells_nothing_and_one_that_says_the_outcome_does() -> (
    None
):
    sides = [made(), made(N)]
    names = [each.table.append_column("name", pa.array([f"{n}-{i}" for i in range(N)], pa.large_string())) for n, each in enumerate(sides)]  # fmt: skip
    found = look(*(snapshot(SOURCE, each) for each in names))
    assert value(found, "leakage.single_feature_auc", "name") is None
    words = [each.table.append_column("word", pa.array(["yes" if late else "no" for late in each.table.column("late").to_pylist()], pa.large_string())) for each in sides]  # fmt: skip
    assert "'word'" in look(*(snapshot(SOURCE, each) for each in words)).refused[0]


def test_amounts_are_held_against_ranks() -> None:
    random = np.random.default_rng(1)
    sides = [made(late=random.normal(size=N)), made(N, late=random.normal(size=N))]
    found = look(*sides)
    expected = abs(
        stats.spearmanr(sides[1].table.column("distance"), sides[1].table.column("late"))[0]
    )
    assert value(found, "leakage.single_feature_rho", "distance") == pytest.approx(expected)
    jsonschema.validate(json.loads(canonical(found.reading.payload)), SCHEMA)
    told = [each.table.append_column("cubed", pa.array(np.asarray(each.table.column("late")) ** 3)) for each in sides]  # fmt: skip
    assert "rank correlation 1.000" in look(*(snapshot(SOURCE, each) for each in told)).refused[0]


def test_of_several_classes_the_most_told_one_counts() -> None:
    sides = [made(first, late=np.arange(N) % 3) for first in (0, N)]
    told = [
        each.table.append_column("two", pa.array((np.arange(N) % 3 == 2).astype(float)))
        for each in sides
    ]
    found = look(*(snapshot(SOURCE, each) for each in told))
    assert found.reading.payload["single"]["features"][0] == {
        "feature": "two", "class": 2, "positives": 200, "negatives": 400, "u": 80000.0,
    }  # fmt: skip
    assert len(found.refused) == 1


def test_sides_that_cannot_be_compared_say_why() -> None:
    for holdout, words in (
        (snapshot(SOURCE, made(N).table.slice(0, 0)), "holdout has no rows"),
        (snapshot(SOURCE, made(N).table.drop_columns(["carrier"])), "no column 'carrier'"),
        (made(N, distance=["far"] * N), "'distance' is double in training"),
    ):
        with pytest.raises(InvalidInput, match=words):
            look(made(), holdout)
