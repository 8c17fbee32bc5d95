"""Numbers that are served in another unit than training had them in: found from the values alone."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.facts.drift import rules, statistics
from services.facts.drift.types import NumericBinning, Profile

APART, NEAR = 0.3, 0.1
"""Kolmogorov-Smirnov distance as served, at least, and in the unit of training, at most."""
CLOSE = 0.1
"""How far the spread may be from what the unit makes of it, relatively; chance and drift move it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a value of training becomes: ``factor * value + offset``."""

    words: str
    factor: float
    offset: float = 0.0


def _both(words: str, back: str, factor: float) -> tuple[Unit, Unit]:
    return Unit(words, factor), Unit(back, 1 / factor)


UNITS = (
    *(
        unit
        for times in (10.0, 100.0, 1e3, 1e6, 1e9, 60.0, 3600.0, 24.0, 12.0, 365.25)
        for unit in _both(f"{times:,.5g} times training", f"1/{times:,.5g} of training", times)
    ),
    *_both("kilometres for miles", "miles for kilometres", 1.609344),
    *_both("centimetres for inches", "inches for centimetres", 2.54),
    *_both("feet for metres", "metres for feet", 3.280839895),
    *_both("pounds for kilograms", "kilograms for pounds", 2.204622622),
    Unit("training with the other sign", -1.0),
    Unit("Fahrenheit for Celsius", 1.8, 32.0),
    Unit("Celsius for Fahrenheit", 1 / 1.8, -32.0 / 1.8),
    Unit("Kelvin for Celsius", 1.0, 273.15),
    Unit("Celsius for Kelvin", 1.0, -273.15),
)


def other_unit(
    binning: NumericBinning, reference: Profile, current: Profile, values: NDArray[np.float64]
) -> Unit | None:
    """Return the unit that explains how far served values are from those of training; None: none does.

    Parameters
    ----------
    current
        The profile of ``values``.
    values
        Shape (n,), as served; NaN where there is none.

    Notes
    -----
    The units whose spread is near are undone one after the other, and the best is taken where the rows
    then lie near those of training.
    """
    if not reference.n or not current.n:
        return None
    if statistics.ks(binning, reference, current).lo < APART:
        return None
    wide, wider = _spread(reference), _spread(current)
    if not wide or not np.isfinite(wider):
        return None
    likely = [u for u in UNITS if abs(wider / (abs(u.factor) * wide) - 1) < CLOSE]
    told = [(_distance(binning, reference, values, unit), unit) for unit in likely]
    found = min(told, key=lambda one: one[0], default=None)
    return found[1] if found and found[0] <= NEAR else None


def _spread(profile: Profile) -> float:
    n = max(1, profile.n - profile.infinite)
    return float(np.sqrt(max(0.0, profile.squares / n - (profile.total / n) ** 2)))


def _distance(
    binning: NumericBinning, reference: Profile, values: NDArray[np.float64], unit: Unit
) -> float:
    undone = pa.array((values - unit.offset) / unit.factor)
    found = rules.profile_batch(pa.record_batch({"x": undone}), {"x": binning})["x"]
    return statistics.ks(binning, reference, found).hi
