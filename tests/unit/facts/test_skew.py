"""Training-serving skew: what is there from the first window on, and how serving writes features."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from services.facts.drift import calendar, rules, skew, writing
from services.facts.drift.types import Binning, Profile
from services.facts.drift.writing import ALIKE, Column
from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import CALENDAR, Watched, WindowMetric
from services.kernel.period import Period
from tests.unit.facts.log_rows import END, START

RNG = np.random.default_rng(5)
DAY = timedelta(days=1)


def of(values: Any, binning: Binning) -> Profile:
    return rules.profile_batch(pa.record_batch({"x": pa.array(values)}), {"x": binning})["x"]


def distance(day: int, value: float | None, n: int = 900, floor: float = 0.05) -> WindowMetric:
    start = START + day * DAY
    status = MeasurementStatus.OK if value is not None else MeasurementStatus.TOO_FEW
    return WindowMetric(start, start + DAY, skew.DISTANCE, value, n, "temp", floor=floor, status=status, method="jensen-shannon")  # fmt: skip


def course(*values: float | None) -> list[float | None]:
    """Return the skew of each window of a service that showed these distances."""
    told: list[WindowMetric] = []
    for day, value in enumerate(values):
        told.append(skew.since_first(distance(day, value), told[-1] if told else None))
    return [each.value for each in told]


def test_skew_is_there_from_the_first_window_on_and_drift_is_none() -> None:
    assert course(0.6, 0.5, 0.7) == [0.6, 0.5, 0.5]
    assert course(0.02, 0.5, 0.9) == [0.02, 0.02, 0.02]
    assert course(0.6, 0.01, 0.9) == [0.6, 0.01, 0.01]


def test_a_window_of_few_rows_says_nothing_and_keeps_what_is_known() -> None:
    assert course(None, 0.6, None, 0.7) == [None, 0.6, 0.6, 0.6]
    told = skew.since_first(distance(1, None, n=3), distance(0, 0.6))
    assert (told.status, told.n, told.start) == (MeasurementStatus.OK, 900, START + DAY)


def test_windows_too_short_to_hold_what_training_held_are_no_skew_together() -> None:
    binning = rules.numeric_binning(TEMP)
    mild = [of(RNG.normal(middle, 1, 900), binning) for middle in RNG.normal(15, 7.9, 30)]
    alone = [each.value for each in map(partial(by_itself, binning), mild)]
    assert min(alone) > 0.3
    found = skew.together(distance(29, alone[-1]), binning, of(TEMP, binning), mild)
    assert found.value is not None
    assert found.value < 0.3
    assert (found.n, found.method) == (27_000, "jensen-shannon, 30 windows together")
    warm = [of(RNG.normal(middle, 1, 900) * 1.8 + 32, binning) for middle in range(7, 24)]
    far = skew.together(distance(16, 0.9), binning, of(TEMP, binning), warm)
    assert far.value is not None
    assert far.value > 0.5, "a wrong unit is far in all windows together too"


def by_itself(binning: Binning, profile: Profile) -> WindowMetric:
    return skew.together(distance(0, None), binning, of(TEMP, binning), [profile])


def test_categories_are_held_together_by_their_largest_change() -> None:
    binning = rules.category_binning(CARRIERS)
    days = [of([name] * 300, binning) for name in ("UA", "B 6", "9E")]
    found = skew.together(distance(2, 0.8), binning, of(CARRIERS, binning), days)
    assert found.value == pytest.approx(0.5 - 1 / 3)
    assert found.method == "largest-change, 3 windows together"


def test_numbers_are_told_by_jensen_shannon_and_categories_by_their_largest_change() -> None:
    names = ("drift.jensen_shannon", "drift.largest_change", "drift.ks")
    numbers = [
        replace(distance(0, 0.1 + place), metric=name, feature=feature, segment=part)
        for place, name in enumerate(names)
        for feature in ("age", "carrier", "score")
        for part in ("", "carrier=UA")
    ]
    found = skew.today(numbers, {"age": "number", "carrier": "category"})
    assert [(each.feature, each.value, each.segment) for each in found] == [
        ("age", 0.1, ""), ("carrier", 1.1, ""),
    ]  # fmt: skip


# how serving writes features


def told(held: Any, now: Any, *, name: str = "f_x", timely: tuple[str, ...] = ()) -> str:
    """Return the differences of one feature, in words."""
    training, served = pa.table({"f_x": pa.array(held)}), pa.table({name: pa.array(now)})
    is_number = not pa.types.is_string(training.column("f_x").type)
    known = [each for each in held if each is not None and each == each]
    make: Any = rules.numeric_binning if is_number else rules.category_binning
    binning = make(np.array(known, dtype=float) if is_number else known)
    current = (
        of(now, binning) if name == "f_x" else Profile(rules.empty(binning).counts, nulls=len(now))
    )
    watched = Watched("x", "f_x", "number" if is_number else "category")
    column = Column(watched, binning, of(held, binning), current)
    found = writing.differences(
        training, served, [column], Period(START, END), min_n=30, calendar=timely
    )
    whole, *rest = found
    assert whole.feature == "x"
    assert [each.feature for each in rest] == [""]
    assert (whole.value == 0) == (whole.method == ALIKE)
    return whole.method


TEMP = RNG.normal(15, 8, 4_000)
SERVED = RNG.normal(15, 8, 900)
CARRIERS = [*["UA"] * 500, *["B 6"] * 300, *["9E"] * 200]


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_the_same_world_are_written_alike(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    assert told(TEMP, drawn.normal(15, 8, 900)) == ALIKE
    assert told(CARRIERS, list(drawn.choice(CARRIERS, 900))) == ALIKE


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (SERVED * 1.8 + 32, "looks like Fahrenheit for Celsius"),
        (SERVED + 273.15, "looks like Kelvin for Celsius"),
        (SERVED * 1000, "looks like 1,000 times training"),
        (SERVED / 100, "looks like 1/100 of training"),
        (SERVED + 30, ALIKE),
        (SERVED * 1.4, ALIKE),
        (SERVED[:40], ALIKE),
    ],
)
def test_another_unit_is_named_and_drift_is_no_unit(now: Any, words: str) -> None:
    assert told(TEMP, now) == words


def test_miles_are_told_from_kilometres_where_the_rows_lie_apart() -> None:
    miles = RNG.gamma(40, 20, 4_000)
    assert told(miles, RNG.gamma(40, 20, 900) * 1.609344).startswith(
        "looks like kilometres for miles"
    )


def test_what_is_missing_constant_or_of_another_kind_is_named() -> None:
    gaps = np.where(RNG.random(900) < 0.3, np.nan, SERVED)
    assert told(TEMP, pa.array(gaps, from_pandas=True)).endswith("is missing, 0% in training")
    stuck = [15.0] * 900
    assert told(TEMP, stuck) == "one value in every row, several in training"
    assert told(TEMP, stuck, timely=("x",)) == ALIKE
    mostly_dry = [*[0.0] * 3_700, *RNG.gamma(1, 2, 300)]
    assert told(mostly_dry, [0.0] * 900) == ALIKE, "a day without rain is no fault of a sender"
    assert told(mostly_dry, [2.5] * 900) == "one value in every row, several in training"
    assert told([1.0] * 4_000, [1.0, 2.0] * 450) == "several values, one in training"
    assert told(CARRIERS, ["UA"] * 900) == "one value in every row, several in training"
    assert told(TEMP, [str(each) for each in SERVED]) == "numbers sent as text"
    assert told(TEMP, ["warm"] * 900) == "words, numbers in training"


def test_levels_and_columns_that_are_spelt_otherwise_are_named() -> None:
    assert told(CARRIERS, ["ua", *CARRIERS[1:]]) == ALIKE
    low = [each.lower().replace(" ", "") for each in CARRIERS]
    assert told(CARRIERS, low) == "'9e' for '9E', 100% of rows spelt otherwise"
    assert told(TEMP, SERVED, name="f_X") == "is served as 'X'"
    assert told(TEMP, SERVED, name="f_other") == "is not served"


def test_a_feature_that_training_did_not_have_is_counted_and_few_rows_say_nothing() -> None:
    training = pa.table({"f_x": TEMP})
    served = pa.table({"f_x": SERVED, "f_new": SERVED, "s_region": SERVED})
    period = Period(START, END)
    (new,) = writing.differences(training, served, [], period, min_n=30)
    assert (new.value, new.method) == (1.0, "not in training: new")
    (few,) = writing.differences(training, served.slice(0, 29), [], period, min_n=30)
    assert (few.value, few.status) == (None, MeasurementStatus.TOO_FEW)


# features that move with the calendar

WEEK = rules.numeric_binning(np.repeat(np.arange(7.0), 500))
HELD = of(np.repeat(np.arange(7.0), 500), WEEK)


def days(*values: float) -> list[Profile]:
    """Return windows of a day that hold one value each, and a tenth of the next day."""
    return [of([each] * 90 + [(each + 1) % 7] * 10, WEEK) for each in values]


def turns(*windows: Profile) -> bool:
    return calendar.turns(WEEK, HELD, windows, 30)


def test_a_feature_that_is_another_value_in_each_window_moves_with_the_calendar() -> None:
    assert turns(*days(0, 1))
    assert turns(*days(0, 1, 2, 3, 4, 5, 6))


def test_a_feature_that_is_stuck_or_varies_within_its_windows_does_not() -> None:
    mixed = [of(RNG.integers(0, 7, 100).astype(float), WEEK) for _ in range(8)]
    assert not turns(*days(3, 3, 3, 3))
    assert not turns(*mixed)
    assert not turns(*mixed, *days(3, 4))
    assert not turns(*days(0, 1, 2, 3, 4), *mixed[:2])
    assert turns(*days(0, 1, 2, 3, 4, 5, 6, 0, 1, 2), mixed[0])


def test_a_feature_that_training_had_at_one_value_does_not() -> None:
    held = of([0.0] * 600 + [1.0] * 400, WEEK)
    assert not calendar.turns(WEEK, held, days(0, 1), 30)


def test_values_that_training_never_had_turn_too() -> None:
    later = [of([value] * 100, WEEK) for value in (2014.0, 2015.0)]
    assert turns(*later)
    assert not turns(later[0], later[0])


def test_the_distance_of_such_a_feature_is_shown_and_its_chance_is_as_large() -> None:
    found = calendar.excused(distance(0, 0.86))
    assert (found.value, found.floor, found.is_calendar) == (0.86, 0.86, True)
    assert found.method == f"jensen-shannon; {CALENDAR}"
    assert calendar.excused(found) == found
