"""Expectations drafted from a signature and a reference, and what rows do not meet."""

import json
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from services.facts.data_quality import drafting, measuring
from services.facts.data_quality.pandera_adapter import failures
from services.facts.data_quality.types import Check, Expectation, Kind
from services.facts.evidence.types import MeasurementStatus
from services.kernel.error import IntegrityBroken, InvalidInput
from tests.unit.facts.log_rows import END, START, by_name, instants, rows, spread

REFERENCE = pd.DataFrame(
    {
        "age": np.arange(20.0, 70.0),
        "income": [None, *np.linspace(1_000, 9_000, 49)],
        "city": ["Ulm", "Bonn"] * 25,
        "owner": [True, False] * 25,
        "flat": [3.0] * 50,
    }
)
SIGNATURE = json.dumps(
    [
        {"type": "long", "name": "age", "required": True},
        {"type": "double", "name": "income", "required": True},
        {"type": "string", "name": "city", "required": False},
        {"type": "boolean", "name": "owner", "required": True},
        {"type": "double", "name": "flat", "required": True},
    ]
)
GOOD: dict[str, Any] = {
    "f_age": [30, 40, 50, 60],
    "f_income": [2_000.0, None, 5_000.0, 100.0],
    "f_city": ["Ulm", "Kiel", "Ulm", "Bonn"],
    "f_owner": [True, False, True, True],
    "f_flat": [3.0, 4.0, 3.0, 3.0],
}


def expected(signature: str | None = SIGNATURE) -> tuple[Expectation, ...]:
    return drafting.draft(REFERENCE, list(REFERENCE.columns), signature)


def failed(**columns: Any) -> dict[tuple[str, Check], int]:
    held = {**GOOD, **columns}
    table = rows(4, **{name: each for name, each in held.items() if each is not None})
    return {(each.column, each.check): each.rows for each in failures(table, expected())}


def test_the_signature_says_the_kind_and_the_reference_the_range() -> None:
    age, income, city, owner, flat = expected()
    assert age == Expectation("f_age", Kind.INTEGER, True, True, 0.0, 118.0)
    assert (income.kind, income.required, income.complete) == (Kind.NUMBER, True, False)
    assert (city.kind, city.required, city.complete) == (Kind.TEXT, False, False)
    assert owner.kind is Kind.BOOLEAN
    assert (flat.lo, flat.hi) == (None, None)  # one value has no range


def test_without_a_signature_the_reference_says_it() -> None:
    age, income, city, owner, _ = expected(None)
    assert (age.kind, age.complete) == (Kind.NUMBER, True)
    assert (income.complete, city.kind, owner.kind) == (False, Kind.TEXT, Kind.BOOLEAN)
    tensor = json.dumps([{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}])
    assert expected(tensor) == expected(None)


def test_a_signature_may_know_a_column_that_the_reference_lacks() -> None:
    (only,) = drafting.draft(pd.DataFrame(), [], '[{"type": "double", "name": "x"}]')
    assert only == Expectation("f_x", Kind.NUMBER, required=True)
    for broken in ("{", "{}", "[1]"):
        with pytest.raises(InvalidInput):
            drafting.draft(REFERENCE, [], broken)


def test_expectations_are_the_same_out_of_storage() -> None:
    assert drafting.unpack(drafting.pack(expected())) == expected()
    for broken in (b"x", b'[{"column": "a"}]', b'[{"column": "a", "kind": "colour"}]'):
        with pytest.raises(IntegrityBroken):
            drafting.unpack(broken)


def test_good_rows_meet_everything() -> None:
    assert failed() == {}


@pytest.mark.parametrize(
    ("column", "values", "check", "n"),
    [
        ("f_age", None, Check.PRESENT, 4),
        ("f_age", [30.0, None, None, 60.0], Check.KNOWN, 2),
        ("f_age", [30.5, 40.0, 50.0, 60.5], Check.KIND, 2),
        ("f_age", ["30", "forty", "50", "60"], Check.KIND, 1),
        ("f_income", [float("inf"), 1.0, float("-inf"), 2.0], Check.FINITE, 2),
        ("f_age", [30, 40, 50, 400], Check.RANGE, 1),
        ("f_age", [30, -1, 50, 60], Check.RANGE, 1),
        ("f_owner", ["yes", "no", "true", "0"], Check.KIND, 2),
    ],
)
def test_a_failure_names_the_column_the_check_and_the_rows(
    column: str, values: Any, check: Check, n: int
) -> None:
    assert failed(**{column: values}) == {(column, check): n}


def test_a_column_of_nothing_is_missing_and_nothing_else() -> None:
    assert failed(f_age=pa.nulls(4)) == {("f_age", Check.KNOWN): 4}
    assert failed(f_income=pa.nulls(4), f_city=None) == {}


def test_instants_without_a_zone_or_ahead_of_their_arrival_are_a_failure() -> None:
    naive = pa.array([each.replace(tzinfo=None) for each in spread(4)], type=pa.timestamp("us"))
    assert failed(at=naive) == {("at", Check.PAST): 4}
    early = instants([each - timedelta(minutes=11 * k) for k, each in enumerate(spread(4))])
    assert failed(received_at=early) == {("at", Check.PAST): 3}


def test_examples_are_shown_to_those_who_ask() -> None:
    table = rows(4, **{**GOOD, "f_age": [400, 500, 600, 700]})
    (quiet,) = failures(table, expected())
    assert quiet.sentence == (
        "f_age: expected that numbers are plausible; 4 of 4 rows do not meet it."
    )
    (told,) = failures(table, expected(), examples=9)
    assert told.examples == ("400", "500", "600")
    assert told.sentence.endswith("do not meet it, such as 400, 500, 600.")


def test_a_window_counts_what_failed_in_all_and_by_column() -> None:
    table = rows(4, **{**GOOD, "f_age": [400.5, None, 50.0, 60.0], "f_owner": ["?"] * 4})
    found = measuring.measure(table, expected(), START, END, contradicting=3)
    total = by_name(found)
    assert (total[measuring.FAILED].value, total[measuring.FAILED].n) == (4.0, 4)
    assert total["data_quality.contradicting"].value == 3.0
    age = by_name(found, "age")[measuring.FAILED]
    assert (age.value, age.method) == (3.0, "kind 1 of 4, known 1 of 4, range 1 of 4")
    assert by_name(found, "owner")[measuring.FAILED].method == "kind 4 of 4"


def test_inputs_that_were_sent_before_are_repeated() -> None:
    table = rows(6, f_a=[1, 1, 2, 2, None, None], f_b=["x", "x", "x", "y", "z", "z"])
    share = measuring.repetition(table, START, END)
    assert share.value == pytest.approx(2 / 6)
    assert share.lo is not None
    assert share.lo < 2 / 6
    digests = rows(3, input_sha256=["a", "b", "a"])
    assert measuring.repetition(digests, START, END).value == pytest.approx(1 / 3)
    nothing = measuring.repetition(rows(3), START, END)
    assert nothing.status is MeasurementStatus.NOT_ESTIMABLE


def test_a_window_without_rows_meets_nothing() -> None:
    found = by_name(measuring.measure(rows(0, f_age=[]), expected(), START, END))
    assert found[measuring.FAILED].status is MeasurementStatus.TOO_FEW
    assert found["data_quality.duplicate_share"].status is MeasurementStatus.TOO_FEW


def test_a_million_levels_and_a_wide_table_are_read_in_reasonable_time() -> None:
    n = 100_000
    table = rows(n, f_city=[str(k) for k in range(n)], f_age=np.full(n, 1e6))
    (only,) = [each for each in failures(table, expected()) if each.check is Check.RANGE]
    assert only.rows == n
