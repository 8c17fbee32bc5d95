"""Streams from seeds: a model whose world turns on a known day, and a wide log of a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

TURN, DAYS, ROWS = 60, 90, 20_000
WEIGHTS = np.array([1.6, -1.1, 0.7])


@dataclass(frozen=True)
class Day:
    """What a model said on one day, and what turned out."""

    number: int
    features: Any
    scores: Any
    outcomes: Any


def turning(seed: int, turn: int = TURN, days: int = DAYS, rows: int = ROWS) -> Iterator[Day]:
    """Yield days of a model that knew the world's weights; after the turn they slowly change.

    Notes
    -----
    The inputs' mean wanders all the time, by one standard deviation at most: that moves the model's
    accuracy and is no concept drift. From the turn on the first weight loses 4 % of itself a day.
    """
    generator = np.random.default_rng(seed)
    for number in range(days):
        moved = np.array([0.0, 0.5 * np.sin(number / 9), number / days])
        features = generator.normal(size=(rows, len(WEIGHTS))) + moved
        weights = WEIGHTS * [1.0 - 0.04 * max(0, number - turn), 1.0, 1.0]
        truth = generator.random(rows) < chance(features @ weights)
        yield Day(number, features, chance(features @ WEIGHTS), truth.astype(float))


def chance(logit: Any) -> Any:
    """Return the logistic function."""
    return 1 / (1 + np.exp(-logit))


def wide(seed: int, rows: int, numbers: int = 45, categories: int = 5) -> pa.Table:
    """Return a day of a log of many columns: bell-shaped, heavy-tailed, bounded, often zero, counted; words."""
    generator = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for place in range(numbers):
        values = _numbers(generator, place % 5, rows)
        missing = generator.random(rows) < 0.01 if place % 3 == 0 else None
        columns[f"f_{place}"] = pa.array(values, mask=missing)
    for place in range(categories):
        levels = (2, 5, 12, 50, 200)[place % 5]
        words = pa.array([f"level {each}" for each in range(levels)])
        drawn = generator.zipf(1.5, rows) % levels
        columns[f"c_{place}"] = pa.DictionaryArray.from_arrays(
            pa.array(drawn.astype(np.int32)), words
        )
    return pa.table(columns)


def _numbers(generator: np.random.Generator, kind: int, rows: int) -> Any:
    if kind == 0:
        return generator.normal(size=rows)
    if kind == 1:
        return generator.lognormal(0, 1, rows)
    if kind == 2:
        return generator.beta(2, 5, rows)
    if kind == 3:
        return generator.exponential(1, rows) * (generator.random(rows) < 0.4)
    return generator.poisson(3, rows).astype(float)
