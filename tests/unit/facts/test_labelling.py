"""Which answers a person should look at first."""

from typing import Any

import pyarrow as pa

from services.facts.prediction.labelling import to_label


def table(*rows: dict[str, Any]) -> pa.Table:
    names = ("prediction_id", "score", "prediction", "overridden", "input_sha256", "outcome")
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def test_disagreement_comes_first_then_the_least_sure_and_what_is_known_is_left_out() -> None:
    held = table(
        {"prediction_id": "sure", "score": 0.99, "overridden": False},
        {"prediction_id": "unsure", "score": 0.51, "overridden": False},
        {"prediction_id": "known", "score": 0.5, "overridden": True, "outcome": 1},
        {"prediction_id": "overruled", "score": 0.9, "overridden": True},
        {"prediction_id": "one", "score": 0.8, "prediction": 1, "input_sha256": "a"},
        {"prediction_id": "other", "prediction": 0, "input_sha256": "a"},
        {"prediction_id": "alike", "prediction": 1, "input_sha256": "b"},
    )
    found = to_label(held, 10)
    assert found.select(["prediction_id", "reason"]).to_pylist() == [
        {"prediction_id": "other", "reason": "disagreement"},
        {"prediction_id": "one", "reason": "disagreement"},
        {"prediction_id": "overruled", "reason": "disagreement"},
        {"prediction_id": "unsure", "reason": "low confidence"},
        {"prediction_id": "sure", "reason": "low confidence"},
    ]
    assert to_label(held, 1).num_rows == 1
    assert to_label(held, 10, threshold=0.98).column("prediction_id").to_pylist()[-2:] == [
        "sure",
        "unsure",
    ]


def test_of_several_classes_the_answer_with_the_nearest_rival_comes_first() -> None:
    held = table(
        {"prediction_id": "torn", "score": 0.34},
        {"prediction_id": "half", "score": 0.5},
        {"prediction_id": "sure", "score": 0.9},
        {"prediction_id": "two", "score": 0.55},
    )
    scores = [[0.34, 0.33, 0.33], [0.5, 0.3, 0.2], [0.9, 0.05, 0.05], [0.45, 0.55]]
    found = to_label(held.append_column("scores", pa.array(scores)), 10)
    order = found.column("prediction_id").to_pylist()
    assert order == ["torn", "two", "half", "sure"]
