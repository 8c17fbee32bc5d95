"""Which rows enter the prediction log, and what a caller reads about the others."""

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest

from services.facts.prediction import rules
from services.facts.prediction.pace import Pace
from services.facts.prediction.types import Stream, TooFast

NOW = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
KEY = b"k" * 32


def sent(**other: Any) -> dict[str, Any]:
    return {"prediction_id": "p-1", "version": 1, "at": "2026-03-14T08:00:00Z", **other}


def read(*rows: Any, stream: Stream = Stream.PREDICTIONS) -> Any:
    return rules.read(stream, rows, NOW, KEY)


def test_a_row_becomes_the_columns_of_the_log() -> None:
    given = {"features": {"age": 41, "city": "Ålesund"}, "segments": {"carrier": "UA"}}
    (row,), rejected = read(sent(score=0.7, prediction="late", **given))
    assert rejected == []
    assert (row.body["f_age"], row.body["f_city"], row.body["s_carrier"]) == (41, "Ålesund", "UA")
    assert row.body["at"] == "2026-03-14T08:00:00+00:00"
    assert (row.body["arm"], row.body["environment"]) == ("stable", "production")


def test_an_instant_is_kept_in_utc_whatever_zone_it_came_in() -> None:
    (row,), _ = read(sent(at="2026-03-14T03:00:00-05:00"))
    assert row.at == datetime(2026, 3, 14, 8, tzinfo=UTC)


def test_what_is_no_number_is_missing_and_the_infinite_is_kept() -> None:
    odd = json.loads('{"a": NaN, "b": Infinity, "c": null}')
    (row,), rejected = read(sent(score=math.nan, latency_ms=None, features=odd))
    assert rejected == []
    assert read(sent(latency_ms=math.nan))[0][0].body["latency_ms"] is None
    assert (row.body["latency_ms"], row.body["score"], row.body["f_a"], row.body["f_c"]) == (
        None,
    ) * 4
    assert row.body["f_b"] == math.inf


@pytest.mark.parametrize(
    "cell", ["x" * 10_001, {"inside": 1}, [1, 2], b"\xff", datetime(2026, 3, 14, tzinfo=UTC)]
)
def test_a_cell_holds_one_short_value_and_a_row_with_another_is_refused_by_column(
    cell: object,
) -> None:
    rows, (rejected,) = read(sent(features={"a": 1, "b": "x" * 10_000, "c": cell}))
    assert rows == []
    assert rejected.reason.startswith("features.c")


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (sent(at="2026-03-14T08:00:00"), "at"),
        (sent(at="2026-03-15T08:00:00Z"), "future"),
        (sent(at="yesterday"), "at"),
        (sent(prediction_id=""), "prediction_id"),
        (sent(prediction_id="a\x00b"), "prediction_id"),
        (sent(version=0), "version"),
        (sent(arm="blue"), "arm"),
        (sent(latency_ms=-1), "latency_ms"),
        (sent(surprise=1), "surprise"),
        (sent(features={"x": [1, 2]}), "features.x"),
        (sent(features={"": 1}), "features"),
        (sent(features={f"x{n}": 1 for n in range(2_001)}), "2,000"),
        ({"version": 1}, "prediction_id"),
        ("a line that is no JSON", "no JSON object"),
        (None, "no JSON object"),
    ],
)
def test_a_bad_row_is_named_with_its_place_and_the_good_ones_stay(row: Any, named: str) -> None:
    kept, rejected = read(sent(), row, sent(prediction_id="p-2"))
    assert [each.prediction_id for each in kept] == ["p-1", "p-2"]
    assert [each.row for each in rejected] == [1]
    assert named in rejected[0].reason


def test_callers_and_subjects_are_digested_under_the_deployments_key() -> None:
    (row,), _ = read(sent(caller="shop-1", subject="anna@example.org"))
    assert "anna" not in json.dumps(dict(row.body))
    assert row.body["subject_hash"] == rules.digest_of("anna@example.org", KEY)
    assert row.body["subject_hash"] != rules.digest_of("anna@example.org", b"another")
    assert read(sent())[0][0].body["subject_hash"] is None


def test_a_latency_may_be_missing_and_may_not_be_negative() -> None:
    rows = [sent(latency_ms=each) for each in (None, float("nan"), 0, 12.5, -1)]
    kept, rejected = read(*rows)
    assert [each.body["latency_ms"] for each in kept] == [None, None, 0, 12.5]
    assert [each.row for each in rejected] == [4]
    assert rejected[0].reason.startswith("latency_ms")


def test_an_outcome_says_what_was_true_and_who_says_so() -> None:
    row = {"prediction_id": "p-1", "at": "2026-03-14T08:00:00Z", "outcome": 1, "source": "billing"}
    (kept,), rejected = read(row, {**row, "source": ""}, stream=Stream.OUTCOMES)
    assert kept.body["outcome"] == 1
    assert [each.row for each in rejected] == [1]


def test_the_pace_of_one_caller_is_not_anothers() -> None:
    now = [0.0]
    pace = Pace(rows_per_second=10, burst=20, at_once=2, clock=lambda: now[0])
    with pace.admitted("a", 20), pace.admitted("b", 20):
        pass
    with pytest.raises(TooFast) as caught, pace.admitted("a", 15):
        pass
    assert caught.value.seconds == 2
    now[0] = 1.5
    with pace.admitted("a", 15):
        pass


def test_more_batches_at_once_than_can_be_written_wait_outside() -> None:
    pace = Pace(at_once=1)
    with pace.admitted("a", 1):
        with pytest.raises(TooFast), pace.admitted("b", 1):
            pass
    with pace.admitted("b", 1):
        pass
