"""What is looked at before a training costs anything, and how retrains grow."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from services.facts.data_quality.types import Expectation, Kind
from services.facts.training_data.before import compared, inspect
from services.facts.training_data.columns import normalised
from services.facts.training_data.growth import Retrain, growth
from services.facts.training_data.loading import snapshot
from services.facts.training_data.types import Snapshot, Source
from services.kernel.money import Money

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = Source("rows.parquet", "late", time="at", id="flight")
EXPECTED = (
    Expectation("f_distance", Kind.NUMBER, required=True, complete=True, lo=0.0, hi=5000.0),
)


def made(n: int = 100, source: Source = SOURCE, **columns: object) -> Snapshot:
    held = {
        "flight": [f"f{i}" for i in range(n)],
        "at": [NOW - timedelta(days=n - i) for i in range(n)],
        "distance": np.arange(n, dtype=float),
        "late": [i % 2 for i in range(n)],
        **columns,
    }
    return snapshot(source, normalised(pa.table(held)))


def test_good_rows_are_not_refused() -> None:
    found = inspect(made(), EXPECTED, NOW)
    assert (found.refused, found.warnings) == ((), ())
    assert found.report["before"] is None


def test_what_is_of_another_kind_stops_and_what_is_out_of_range_is_told() -> None:
    wrong = inspect(made(distance=["far"] * 100), EXPECTED, NOW)
    assert any(each.startswith("distance") for each in wrong.refused)
    gone = inspect(snapshot(SOURCE, made().table.drop_columns(["distance"])), EXPECTED, NOW)
    assert gone.refused != ()
    far = inspect(made(distance=np.full(100, 9000.0)), EXPECTED, NOW)
    assert far.refused == ()
    assert len(far.warnings) == 1
    endless = inspect(made(distance=[np.inf, *np.arange(99.0)]), EXPECTED, NOW)
    assert endless.refused != ()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"snapshot": "ab" * 32}, "the recipe pins abababababab"),
        ({"max_age_days": 1, "time": "at"}, ""),
        ({"checks": ("rows:101",)}, "the recipe wants 101"),
        ({"checks": ("rows:100", "complete:distance", "between:distance:0:99")}, ""),
        ({"checks": ("between:distance:0:98",)}, "1 rows have 'distance' outside 0 to 98"),
        ({"checks": ("complete:height",)}, "column that is not there"),
        ({"checks": ("between:flight:0:1",)}, "about numbers"),
    ],
)
def test_the_checks_of_a_recipe_stop_a_ticket(more: dict[str, object], words: str) -> None:
    refused = inspect(made(source=replace(SOURCE, **more)), (), NOW).refused  # type: ignore[arg-type]
    assert bool(refused) == bool(words)
    assert words in " ".join(refused)


def test_stale_rows_few_rows_and_missing_values_are_refused() -> None:
    fresh = replace(SOURCE, max_age_days=1)
    assert inspect(made(source=fresh), (), NOW + timedelta(days=3)).refused != ()
    assert "50 are the least" in inspect(made(49), (), NOW).refused[0]
    missing = made(
        source=replace(SOURCE, checks=("complete:distance",)), distance=[None, *np.arange(99.0)]
    )
    assert "1 rows have no 'distance'" in inspect(missing, (), NOW).refused[0]


def test_flips_outliers_and_columns_are_held_against_the_last_snapshot() -> None:
    before = made(100)
    late = [1 - (i % 2) if i < 3 else i % 2 for i in range(120)]
    now = made(120, late=late, height=np.ones(120))
    since = compared(before, now)
    assert (since["known"], since["flipped"], since["outliers"]) == (100, 3, 20)
    assert (since["columns_new"], since["columns_gone"]) == (["height"], [])
    assert {each["feature"] for each in since["drift"]} == {"distance"}
    found = inspect(now, (), NOW, before)
    assert found.refused == ()
    assert found.warnings == ("'height' is new since the last snapshot.",)
    flipped = inspect(made(100, late=[1 - i % 2 for i in range(100)]), (), NOW, before)
    assert "100 of 100 rows that were trained on last have another outcome" in flipped.refused[0]


def test_without_ids_rows_are_known_by_their_features() -> None:
    plain = replace(SOURCE, id="")
    one, two = (snapshot(plain, made(100, **more).table.drop_columns(["flight"])) for more in ({}, {"late": [1] * 100}))  # type: ignore[arg-type]  # fmt: skip
    assert compared(one, two)["flipped"] == 50


def retrains(*rows: int, days: int = 365, cost: str = "10") -> list[Retrain]:
    money = Money.parse(cost, "USD")
    return [Retrain(NOW + timedelta(days=days * i), each, money) for i, each in enumerate(rows)]


def test_growth_is_a_factor_of_a_year_and_warns_at_two() -> None:
    found = growth(retrains(1000, 2000, 4000))
    assert found.rows == pytest.approx(2 ** (365.25 / 365))
    assert found.cost == pytest.approx(1)
    assert found.warning.startswith("The rows grow 2.0 times a year;")
    assert growth(retrains(1000, 1900)).warning == ""


def test_growth_of_too_little_is_unknown() -> None:
    assert growth(retrains(1000)).rows is None
    assert growth(retrains(1000, 9000, days=20)).rows is None
    assert growth([Retrain(NOW, 5, None), Retrain(NOW + timedelta(days=400), 5, None)]).cost is None
