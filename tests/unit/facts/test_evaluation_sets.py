"""What an evaluation set means, and in which words one that means nothing is refused."""

import hashlib
import json
from typing import Any

import pandas as pd
import pytest

from services.facts.performance.evaluation import parse
from services.kernel.error import InvalidInput
from tests.unit.facts.readings import evaluation, parquet

ROWS = {
    "y": [0, 1, 1],
    "said": [0, 1, 0],
    "race": ["W", "B", None],
    "person": [7, 8, 9],
    "age": [30.0, None, 50.0],
    "city": ["Rome", "Oslo", "Bonn"],
}
PLAIN = {"task": "classification", "target": "y"}


def test_a_model_reads_what_is_neither_truth_nor_answer_nor_person_nor_protected() -> None:
    held = evaluation(
        ROWS, prediction="said", protected=["race"], segments=["city"], id="person", favourable=1
    )
    assert held.features == ["age", "city"]
    assert (held.n, held.task, held.target, held.prediction) == (3, "classification", "y", "said")
    assert (held.protected, held.segments, held.id) == (("race",), ("city",), "person")
    assert held.favourable == 1


def test_what_a_schema_leaves_out_is_empty() -> None:
    held = evaluation(ROWS)
    assert (held.prediction, held.favourable, held.id) == (None, None, None)
    assert (held.protected, held.segments) == ((), ())


def test_the_digest_is_that_of_the_parquet_bytes() -> None:
    data = parquet(pd.DataFrame(ROWS))
    assert parse(json.dumps(PLAIN).encode(), data).sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (b"", "schema.json is not JSON"),
        (b"task: classification", "schema.json is not JSON"),
        (b"\xff\xfe", "schema.json is not JSON"),
        (b"[" * 100_000, "schema.json is not JSON"),
        (b"[]", "schema.json must hold one object"),
        (b"null", "schema.json must hold one object"),
    ],
)
def test_a_schema_that_is_no_object_is_refused(schema: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        parse(schema, parquet(pd.DataFrame(ROWS)))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"task": "ranking"}, "'task' .* must be one of classification, regression, multiclass"),
        ({"task": None}, "'task' .* must be one of"),
        ({"task": ["classification"]}, "'task' .* must be one of"),
        ({"target": None}, "'target' .* must name a column"),
        ({"target": 3}, "'target' .* must name a column"),
        ({"target": "truth"}, "names the column 'truth', which data.parquet lacks"),
        ({"targets": "y"}, "has the unknown key 'targets'"),
        ({"prediction": "answer"}, "names the column 'answer', which data.parquet lacks"),
        ({"id": "ssn"}, "names the column 'ssn', which data.parquet lacks"),
        ({"protected": ["race", "sex"]}, "names the column 'sex', which data.parquet lacks"),
        ({"segments": ["shop"]}, "names the column 'shop', which data.parquet lacks"),
        ({"protected": "race"}, "'protected' .* must be a list of columns"),
        ({"segments": [1]}, "'segments' .* must be a list of columns"),
        ({"weight": "age"}, "Weighted evaluation sets are not supported in this release"),
    ],
)
def test_a_schema_that_means_nothing_is_refused_by_the_key_or_the_column(
    changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        evaluation(ROWS, **changed)


@pytest.mark.parametrize("missing", ["task", "target"])
def test_a_schema_without_task_or_target_is_refused(missing: str) -> None:
    schema = {key: held for key, held in PLAIN.items() if key != missing}
    with pytest.raises(InvalidInput, match=f"'{missing}' in evaluation/schema.json must"):
        parse(json.dumps(schema).encode(), parquet(pd.DataFrame(ROWS)))


def test_an_empty_weight_is_no_weight() -> None:
    assert evaluation(ROWS, weight="").n == 3
    assert evaluation(ROWS, weight=None).n == 3


GARBLED = b"PAR1" + b"\xff" * 20 + (20).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize("data", [b"", b"PAR1", b"y,age\n1,2\n", GARBLED])
def test_rows_that_are_no_parquet_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="data.parquet is not a Parquet file"):
        parse(json.dumps(PLAIN).encode(), data)


def test_half_a_parquet_file_is_refused() -> None:
    data = parquet(pd.DataFrame(ROWS))
    with pytest.raises(InvalidInput, match="data.parquet is not a Parquet file"):
        parse(json.dumps(PLAIN).encode(), data[: len(data) // 2])


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_rows_are_refused(n: int) -> None:
    with pytest.raises(InvalidInput, match=f"has {n} rows; two are the least"):
        evaluation(pd.DataFrame(ROWS).iloc[:n])


def test_a_missing_truth_is_named_by_its_row() -> None:
    with pytest.raises(InvalidInput, match="The target 'y' is missing in row 2 of data.parquet"):
        evaluation({"y": [0, 1, None, None]})


def test_a_target_of_one_class_measures_nothing() -> None:
    for task in ("classification", "multiclass"):
        with pytest.raises(InvalidInput, match="'y' has one class only; nothing can be measured"):
            evaluation({"y": ["no", "no"]}, task=task)


def test_three_classes_are_no_yes_or_no() -> None:
    with pytest.raises(InvalidInput, match="'y' has 3 classes; its task is 'multiclass'"):
        evaluation({"y": ["a", "b", "c"]})
    assert evaluation({"y": ["a", "b", "c"]}, task="multiclass").n == 3


def test_a_regression_needs_numbers() -> None:
    with pytest.raises(InvalidInput, match="The target 'y' of a regression must be a number"):
        evaluation({"y": ["1.5", "2.5"]}, task="regression")
    assert evaluation({"y": [1.5, 2.5]}, task="regression").n == 2


def test_the_time_column_is_not_given_to_the_model() -> None:
    rows = {"y": [0, 1], "a": [1, 2], "when": ["2026-01-01", "2026-01-02"]}
    assert evaluation(rows, time="when").features == ["a"]
    with pytest.raises(InvalidInput, match="names the column 'then'"):
        evaluation(rows, time="then")


@pytest.mark.parametrize(
    "meaning",
    [
        {"prediction": ["a"]}, {"id": {}}, {"time": 3}, {"favourable": [1]}, {"favourable": {}},
        {"favourable": 0.5}, {"weight": {}}, {"weight": []}, {"weight": 0}, {"weight": ["a"]},
        {"protected": {}}, {"segments": ""},
    ],
)  # fmt: skip
def test_a_key_that_names_no_column_is_refused(meaning: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(meaning))):
        evaluation({"y": [0, 1], "a": [1, 2]}, **meaning)


@pytest.mark.parametrize("favourable", ["1", 2, "approved"])
def test_a_favourable_value_that_no_row_has_is_refused(favourable: int | str) -> None:
    with pytest.raises(InvalidInput, match="favourable value"):
        evaluation({"y": [0, 1], "a": [1, 2]}, favourable=favourable)


@pytest.mark.parametrize("favourable", [True, 1, 1.0])
def test_true_and_one_are_the_same_favourable_value(favourable: object) -> None:
    held = evaluation({"y": [False, True], "a": [1, 2]}, favourable=favourable)
    assert held.favourable == 1
    assert type(held.favourable) is int


@pytest.mark.parametrize("endless", [float("inf"), float("-inf")])
def test_a_target_without_end_is_named_by_its_row(endless: float) -> None:
    with pytest.raises(InvalidInput, match="not finite in row 2"):
        evaluation({"y": [1.0, 2.0, endless]}, task="regression")


def test_a_target_of_lists_is_refused() -> None:
    with pytest.raises(InvalidInput, match="holds lists"):
        evaluation({"y": [[0], [1]], "a": [1, 2]})
