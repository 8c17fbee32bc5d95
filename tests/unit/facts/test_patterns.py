"""Extractions are found, and ordinary callers are left in peace."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from services.facts.prediction import patterns
from services.facts.prediction.patterns import Pattern, Suspicion


def people(n: int, generator: np.random.Generator) -> pd.DataFrame:
    """Ordinary queries: skewed, correlated, some rounded, some categories."""
    income = generator.lognormal(10, 0.7, n)
    return pd.DataFrame(
        {
            "f_age": np.clip(generator.normal(44, 12, n), 18, 95).round(),
            "f_income": income.round(-1),
            "f_loan": income * generator.gamma(4, 0.1, n),
            "f_years": generator.exponential(5, n).round(1),
            "f_region": generator.choice(list("ABCDEFGH"), n),
            "f_employed": generator.random(n) < 0.9,
        }
    )


def coarse(n: int, generator: np.random.Generator) -> pd.DataFrame:
    """Inputs that repeat anyway: a few levels of a few features."""
    return pd.DataFrame(
        {f"f_{k}": generator.integers(0, levels, n) for k, levels in enumerate((7, 24, 5, 3))}
    )


def log(*callers: tuple[str, pd.DataFrame]) -> pa.Table:
    rows = pd.concat([each.assign(caller_hash=name) for name, each in callers])
    return pa.Table.from_pandas(rows, preserve_index=False)


USUAL = patterns.usual(log(("r", people(5_000, np.random.default_rng(0)))))


def around(point: pd.DataFrame, n: int) -> pd.DataFrame:
    """One feature at a time around a point, as a finite difference or a counterfactual asks."""
    rows = pd.concat([point.head(1)] * n, ignore_index=True)
    for k in range(n):
        name = ("f_age", "f_income", "f_loan", "f_years")[k % 4]
        rows.loc[k, name] = rows.loc[k, name] * (1 + 0.001 * k)
    return rows


def evenly(n: int, generator: np.random.Generator) -> pd.DataFrame:
    """Inputs drawn evenly over the ranges, as an equation-solving extraction asks."""
    rows = people(n, generator)
    for name, (lo, hi) in USUAL.ranges.items():
        rows[name] = generator.uniform(lo, hi, n)
    return rows


def test_a_burst_around_one_point_is_found_among_ordinary_queries() -> None:
    generator = np.random.default_rng(1)
    copier = pd.concat([people(600, generator), around(people(1, generator), 550)])
    found = patterns.find(log(("copier", copier), ("shop", people(900, generator))), USUAL)
    assert [(each.caller_hash, each.pattern) for each in found] == [
        ("copier", Pattern.NEAR_DUPLICATES)
    ]
    assert found[0].value > found[0].limit >= 0.5


@pytest.mark.parametrize("n", [400, 3_000])
def test_a_sweep_over_the_ranges_is_found(n: int) -> None:
    generator = np.random.default_rng(2)
    found = patterns.find(log(("copier", evenly(n, generator)), ("a", people(n, generator))), USUAL)
    assert [(each.caller_hash, each.pattern) for each in found] == [("copier", Pattern.SWEEP)]


def test_a_grid_is_found() -> None:
    ages, incomes = np.meshgrid(np.linspace(20, 70, 20), np.linspace(1e4, 6e4, 20))
    grid = people(1, np.random.default_rng(3))
    grid = pd.concat([grid] * 400, ignore_index=True)
    grid["f_age"], grid["f_income"] = ages.ravel(), incomes.ravel()
    (found,) = patterns.find(log(("copier", grid)), USUAL)
    assert found.pattern is Pattern.NEAR_DUPLICATES


def test_a_volume_far_over_the_callers_own_past_is_found() -> None:
    table = log(("a", people(600, np.random.default_rng(4))))
    usual_days = [90, 100, 110, 80, 100, 119, 95]
    (found,) = patterns.find(table, USUAL, {"a": usual_days})
    assert found == Suspicion("a", Pattern.VOLUME, 600.0, 595.0, 600)
    assert patterns.find(table, USUAL, {"a": [*usual_days, 120]}) == []
    assert patterns.find(table, USUAL, {"a": usual_days[:6]}) == []  # too short a past


@pytest.mark.parametrize("kind", [people, coarse])
def test_of_two_hundred_ordinary_callers_at_most_two_are_suspected(kind: Any) -> None:
    generator = np.random.default_rng(5)
    usual = patterns.usual(log(("r", kind(4_000, generator))))
    suspected = 0
    for start in range(0, 200, 20):
        names = [f"caller-{start + k}" for k in range(20)]
        means = generator.lognormal(5, 0.8, 20)
        days = {name: generator.poisson(mean, 31) for name, mean in zip(names, means, strict=True)}
        table = log(*((name, kind(max(1, int(day[-1])), generator)) for name, day in days.items()))
        past = {name: day[:-1].tolist() for name, day in days.items()}
        suspected += len(patterns.find(table, usual, past))
    assert suspected <= 2


def test_few_queries_callers_without_a_name_and_empty_windows_are_not_judged() -> None:
    generator = np.random.default_rng(6)
    few = around(people(1, generator), 49)
    assert patterns.find(log(("few", few)), USUAL) == []
    nameless = log(("x", around(people(1, generator), 300))).set_column(
        6, "caller_hash", pa.nulls(300, pa.string())
    )
    assert patterns.find(nameless, USUAL) == []
    assert patterns.find(nameless.slice(0, 0), USUAL) == []


def test_the_same_input_again_is_no_near_duplicate() -> None:
    again = pd.concat([people(1, np.random.default_rng(7))] * 400)
    assert patterns.find(log(("retry", again)), USUAL) == []


@pytest.mark.parametrize("odd", [np.nan, np.inf, None, "text"])
def test_odd_values_do_no_harm(odd: Any) -> None:
    rows = people(300, np.random.default_rng(8)).assign(f_age=odd)
    assert patterns.find(log(("a", rows)), USUAL) == []
    assert "f_age" not in patterns.usual(log(("r", rows))).ranges
