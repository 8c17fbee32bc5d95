"""On how many random splits of the mortgage data the four-fifths rule held; versions say so of themselves."""

from typing import Any

import numpy as np

from services.workflows.demonstration import datasets
from services.workflows.demonstration.recipes import RECIPES
from services.workflows.demonstration.replay import THRESHOLD
from services.workflows.demonstration.types import DataSet, Recipe


def four_fifths_held(model: Any, data: DataSet) -> bool:
    """Tell whether the lower end of every race's impact ratio (Katz, 95 %) is 0.8 or more."""
    held = data.features.iloc[data.evaluation]
    chosen = model.predict_proba(held)[:, 1] >= THRESHOLD
    race = data.protected["race"].to_numpy()[data.evaluation]
    a, n = chosen[race == "White"].sum(), (race == "White").sum()
    ends: list[float] = []
    for group in ("Black", "Hispanic"):
        b, m = chosen[race == group].sum(), (race == group).sum()
        spread = 1.959964 * np.sqrt(1 / b - 1 / m + 1 / a - 1 / n)
        ends.append(float((b / m) / (a / n) * np.exp(-spread)))
    return min(ends) >= 0.8


def splits_that_held(build: Any, number: int) -> int:
    """Count the splits of the mortgage data, out of ``number``, on which four-fifths held."""
    held = 0
    for seed in range(number):
        data = datasets.mortgage(seed)
        model = build()
        model.fit(data.features.iloc[data.train], data.target.iloc[data.train])
        held += four_fifths_held(model, data)
    return held


def describe(recipe: Recipe) -> tuple[str, str, dict[str, float]]:
    """Return the description of a version, its limitations, and the figures of what they claim."""
    if not recipe.splits:
        return recipe.description, recipe.limitations, {}
    boosted = next(r for r in RECIPES if r.model == recipe.model and r is not recipe)
    mine = splits_that_held(recipe.build, recipe.splits)
    theirs = splits_that_held(boosted.build, recipe.splits)
    stability = (
        f"Stability: over {recipe.splits} random splits the four-fifths rule held (lower end of the "
        f"interval) on {mine} for this model and on {theirs} for gradient boosting."
    )
    figures = {"splits_held": float(mine), "splits_held_boosted": float(theirs)}
    return f"{recipe.description} {stability}", f"{recipe.limitations} {stability}", figures
