"""The recipes of the demonstration: they can be published, nothing leaks, and recent flights teach more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from services.decisions.recipe.entry import materialise
from services.decisions.recipe.reading import parse
from services.decisions.recipe.types import Recipe
from services.facts.training_data.leakage import look
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.types import Source
from services.standards.policy.rules import parse as parse_policy
from services.standards.policy.service import shipped
from services.standards.policy.training import Trigger
from services.workflows.demonstration import flights, training_recipes
from services.workflows.demonstration.recipes import RECIPES

TODAY = date(2026, 6, 1)


class Told:
    """The flights of the stream, as the prediction log holds them at the end of the history."""

    def rows(self, source: Source, model: str, as_of: datetime | None = None) -> pa.Table:
        held = flights.table()
        shift = pd.Timedelta(days=(TODAY - timedelta(days=1) - date(2013, 11, 30)).days)
        held = held[(held["at"] >= flights.TRAINED_UNTIL) & held["late"].notna()]
        held = held[held["at"] < pd.Timestamp("2013-12-01", tz="UTC")].sort_values(
            "at", kind="stable"
        )
        told = held[flights.FEATURES].assign(
            late=held["late"], at=held["at"] + shift, flight=[f"flight-{n}" for n in held.index]
        )
        return pa.Table.from_pandas(told, preserve_index=False)


@cache
def written(folder: Path) -> dict[str, Recipe]:
    return {name: parse(text) for name, text in training_recipes.recipes(folder, TODAY).items()}


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Recipe]:
    return written(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture
def rows() -> TrainingRows:
    return TrainingRows(Told())


def test_every_model_has_a_recipe_whose_rows_do_not_leak(
    recipes: dict[str, Recipe], rows: TrainingRows, tmp_path: Path
) -> None:
    assert set(recipes) == {each.model for each in RECIPES}
    for name, recipe in recipes.items():
        holdout = rows.holdout(recipe.data, recipe.holdout.uri, recipe.holdout.sha256)
        assert look(rows.load(recipe.data), holdout).refused == (), name
        code = materialise(recipe.entry, recipe.parameters, tmp_path / name, tmp_path / "cache")
        assert {"train.py", "contract.py"} <= {each.name for each in code.folder.iterdir()}


def test_the_same_day_gives_the_same_recipes(recipes: dict[str, Recipe], tmp_path: Path) -> None:
    again = written(tmp_path)
    assert {n: r.holdout.sha256 for n, r in again.items()} == {
        n: r.holdout.sha256 for n, r in recipes.items()
    }


def test_no_training_sees_a_flight_of_the_holdout(
    recipes: dict[str, Recipe], rows: TrainingRows
) -> None:
    recipe = recipes["flight-delay"]
    holdout = rows.holdout(recipe.data, recipe.holdout.uri, recipe.holdout.sha256)
    train = rows.load(recipe.data)
    assert holdout.first_at is not None
    assert train.last_at is not None
    assert train.last_at < holdout.first_at < datetime(2026, 6, 1, tzinfo=UTC)
    assert not set(train.table.column("flight").to_pylist()) & set(
        holdout.table.column("flight").to_pylist()
    )
    whole = replace(recipe.data, window=replace(recipe.data.window, until=None))
    assert any("same id" in each for each in look(rows.load(whole), holdout).refused)


def test_rows_that_are_removed_are_seen(recipes: dict[str, Recipe], rows: TrainingRows) -> None:
    source = recipes["flight-delay"].data
    shorter = replace(source, window=replace(source.window, days=60))
    assert rows.load(shorter).rows < rows.load(source).rows
    assert rows.load(shorter).sha256 != rows.load(source).sha256


@pytest.mark.slow
def test_recent_flights_beat_the_winter_on_the_holdout(
    recipes: dict[str, Recipe], rows: TrainingRows
) -> None:
    recipe, model = recipes["flight-delay"], next(r for r in RECIPES if r.model == "flight-delay")
    holdout = rows.holdout(recipe.data, recipe.holdout.uri, recipe.holdout.sha256).table.to_pandas()
    data = flights.flights()
    winter = model.build().fit(data.features.iloc[data.train], data.target.iloc[data.train])
    train = rows.load(recipe.data).table.to_pandas()
    recent = model.build().fit(train[flights.FEATURES], train["late"].astype(int))
    areas = [
        roc_auc_score(holdout["late"], each.predict_proba(holdout[flights.FEATURES])[:, 1])
        for each in (winter, recent)
    ]
    assert areas[1] - areas[0] > 0.02
    assert np.round(areas[0], 2) == 0.65


def test_the_policy_of_the_demonstration_opens_a_ticket_when_flights_drift() -> None:
    policy = parse_policy(shipped("standard"))
    assert Trigger.DRIFT in policy.retraining.on
    assert policy.monitoring is not None
    rules = {each.id: each.then.value for each in policy.monitoring.rules or ()}
    assert rules["drift"] == "ticket"
