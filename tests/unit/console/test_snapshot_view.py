"""What the rows of a ticket show against the last ones, in words."""

from typing import Any

from console.views.snapshot import differences, leaks

SINCE: dict[str, Any] = {
    "sha256": "aa", "rows": 1000, "known": 900, "flipped": 9, "outliers": 12,
    "drift": [
        {"feature": "temp", "value": 0.31}, {"feature": "hour", "value": 0.02},
        {"feature": "city", "value": None}, {"feature": "wind", "value": 0.12},
        {"feature": "rain", "value": 0.05},
    ],
}  # fmt: skip


def test_a_first_training_is_compared_with_nothing_and_says_so() -> None:
    assert differences({"rows": 10, "before": None}) == (
        ("Against the last training", "there was none of this recipe"),
    )


def test_rows_flips_outliers_and_what_moved_most_are_told() -> None:
    told = dict(differences({"rows": 1200, "sha256": "bb", "before": SINCE}))
    assert told["Against the last training"] == "1,000 rows then (+20 %)"
    assert told["Outcomes that changed"] == "9 of 900 known before"
    assert told["Outside the last range"] == "12 rows (1 %)"
    assert told["Moved most"].startswith("temp 0.310, wind 0.120, rain 0.050")


def test_the_same_rows_are_called_the_same() -> None:
    told = dict(differences({"rows": 1000, "sha256": "aa", "before": SINCE}))
    assert told["Against the last training"] == "the same rows"


def test_what_the_holdout_shares_is_counted_and_nothing_is_said_where_nobody_looked() -> None:
    payload = {"overlap": {"rows": 2, "ids": 5, "of": 100}, "order": {"late": 1, "of": 900}}
    told = dict(leaks({"leakage": {"payload": payload}}))
    assert told["In the holdout too"] == "5 of its 100 rows"
    assert told["Not older than the holdout"] == "1 of 900 rows"
    assert leaks({}) == ()


def test_the_feature_that_tells_most_is_named_with_what_it_tells() -> None:
    areas = [
        {"feature": "temp", "u": 20.0, "positives": 10, "negatives": 10},
        {"feature": "hour", "u": 60.0, "positives": 10, "negatives": 10},
        {"feature": "same", "u": None, "positives": 10, "negatives": 10},
    ]
    single = {"measure": "auc", "limit": 0.99, "features": areas}
    told = dict(leaks({"leakage": {"payload": {"overlap": {"of": 20}, "single": single}}}))
    assert told["Tells most by itself"] == "temp, AUC 0.800 (stops from 0.990)"
