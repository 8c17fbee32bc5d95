"""Training data that no recipe pins: read by the worker when its sign is another, and no sooner."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from services.decisions.recipe.types import Recipe
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.types import Source
from services.kernel.clock import FixedClock
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.workflows.triggering.sources import Parts, Sources
from services.workflows.triggering.types import KIND, Newest
from services.workflows.types import StepFailed
from tests.support.recipe_book import RECIPE

HOUR = 3600.0
ROWS = pd.DataFrame({"a": [0.0, 1.0, 2.0], "late": [0, 1, 1]})


class House:
    """One recipe over one file, and what the worker is asked to read."""

    def __init__(self, store: Store, place: Path, **source: Any) -> None:
        self.store, self.tasks = store, Tasks(store)
        self.recipe: Recipe = replace(RECIPE, data=Source(str(place), "late", **source))
        nothing: Any = None
        self.sources = Sources(
            Parts(
                store, self.tasks, TrainingRows(nothing), lambda _: [self.recipe],
                lambda _, sha256: self.recipe,
            )
        )  # fmt: skip

    def work(self) -> int:
        """Do what the worker is asked for; return how many sources it read."""
        asked = [task for task in self.tasks.open("batch") if task.kind == KIND]
        for task in asked:
            self.tasks.start(task.task_id)
            self.sources.read(task.task_id)
        return len(asked)

    def newest(self) -> Newest | None:
        with self.store.reading() as session:
            return self.sources.newest(session, self.recipe)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    ROWS.to_parquet(tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def test_rows_are_read_again_when_the_file_is_another_and_compared_by_their_digest(
    store: Store, clock: FixedClock, place: Path
) -> None:
    house = House(store, place)
    assert house.newest() is None
    assert (house.sources.look(), house.work()) == (1, 1)
    first = house.newest()
    assert first is not None
    assert first.sha256 == first.before
    assert house.sources.look() == 0, "it was looked at a moment ago"
    clock.advance(HOUR)
    assert house.sources.look() == 0, "nobody wrote the file since"
    ROWS.to_parquet(place, compression="gzip")
    clock.advance(HOUR)
    assert (house.sources.look(), house.work()) == (1, 1)
    assert house.newest() == first, "the same rows in other bytes are the same"
    pd.concat([ROWS, ROWS]).to_parquet(place)
    clock.advance(HOUR)
    assert (house.sources.look(), house.work()) == (1, 1)
    later = house.newest()
    assert later is not None
    assert (later.before, later.rows) == (first.sha256, 6)
    assert later.sha256 != first.sha256


def test_another_recipe_begins_anew_and_a_pinned_one_is_never_read(
    store: Store, place: Path
) -> None:
    house = House(store, place)
    house.sources.look()
    house.work()
    house.recipe = replace(house.recipe, sha256="ef" * 32)
    assert house.newest() is None
    pinned = House(store, place, snapshot="cd" * 32)
    assert pinned.sources.look() == 0
    assert pinned.newest() == Newest("cd" * 32)


def test_a_database_has_no_sign_and_is_read_once_a_day(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "rows.sqlite") as held:
        ROWS.to_sql("rows", held, index=False)
    house = House(store, tmp_path)
    uri = f"sql+sqlite:///{tmp_path / 'rows.sqlite'}"
    source = Source(uri, "late", query="SELECT * FROM rows ORDER BY a")
    house.recipe = replace(house.recipe, data=source)
    assert (house.sources.look(), house.work()) == (1, 1)
    clock.advance(23 * HOUR)
    assert house.sources.look() == 0
    clock.advance(HOUR)
    assert house.sources.look() == 1


def test_a_source_that_is_gone_stops_nothing_and_is_read_when_it_is_back(
    store: Store, clock: FixedClock, place: Path
) -> None:
    house = House(store, place)
    house.sources.look()
    (task,) = house.tasks.open("batch")
    house.sources.abandon(task.task_id, StepFailed("InvalidInput", "It is not there."))
    assert house.tasks.get(task.task_id).message == "It is not there."
    clock.advance(HOUR)
    assert (house.sources.look(), house.work()) == (1, 1)
    place.unlink()
    clock.advance(HOUR)
    assert house.sources.look() == 0
    pd.concat([ROWS, ROWS]).to_parquet(place)
    clock.advance(HOUR)
    assert house.sources.look() == 1
