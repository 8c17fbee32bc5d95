"""How serving writes features otherwise than training did: names, kinds, spellings, units, gaps.

Notes
-----
The comparison of schemas that TensorFlow Data Validation calls schema skew; units and spellings are
read from the values. Each difference is one clause of a sentence that begins with the feature.

References
----------
Breck et al. 2019, data validation for machine learning.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa

from services.facts.drift.rules import numbers
from services.facts.drift.skew import DIFFERENCES
from services.facts.drift.types import Binning, CategoryBinning, NumericBinning, Profile
from services.facts.drift.units import other_unit
from services.facts.evidence.types import MeasurementStatus
from services.facts.performance.statistics import wilson
from services.facts.prediction.columns import labels
from services.facts.window.types import Watched, WindowMetric
from services.kernel.period import Period

RARE, GAP, CHANCE = 0.01, 0.05, 1e-6
"""Shares of rows of another spelling and without a value that are told; chance of one value alone."""
READINGS = 24
"""Rows of a window may share what they are about, such as the weather of an hour; no more count as apart."""
MOST, ALIKE = 8, "as in training"
Words = str | None


@dataclass(frozen=True, eq=False)
class Column:
    """One feature as training and as serving has it; the profiles are of one binning."""

    watched: Watched
    binning: Binning
    reference: Profile
    current: Profile


def differences(
    training: pa.Table, served: pa.Table, columns: Sequence[Column], period: Period, *,
    min_n: int, calendar: Collection[str] = (),
) -> list[WindowMetric]:  # fmt: skip
    """Return of each feature in how many ways it is written otherwise, and how many were not in training.

    Parameters
    ----------
    training, served
        Tables of the prediction log's columns: the reference, and the rows of a window.
    min_n
        With fewer rows it is not told.
    calendar
        Features that move with the time: of them one value alone is no difference.

    Returns
    -------
    list
        One number for each feature, 0 where nothing differs, with the differences in ``method``; then
        the number of features that training did not have.
    """
    n = served.num_rows
    number = partial(WindowMetric, period.start, period.end, DIFFERENCES)
    if n < max(1, min_n):
        return [number(None, n, status=MeasurementStatus.TOO_FEW)]
    found: list[WindowMetric] = []
    for each in columns:
        told = [words for words in _of(each, training, served, calendar) if words]
        words = "; ".join(told) or ALIKE
        found.append(number(float(len(told)), n, each.watched.name, method=words))
    new = [name.removeprefix("f_") for name in _new(training, served)]
    words = f"not in training: {', '.join(new[:MOST])}" if new else ALIKE
    return [*found, number(float(len(new)), n, method=words)]


def _of(
    each: Column, training: pa.Table, served: pa.Table, calendar: Collection[str]
) -> Iterator[Words]:
    column = each.watched.column
    if column not in served.column_names or not each.current.rows - each.current.nulls:
        yield _absent(each, served)
        return
    yield _gaps(each)
    if each.watched.name not in calendar:
        yield _variety(each)
    if isinstance(each.binning, NumericBinning):
        yield _kind(each, training, served)
        yield _unit(each.binning, each, served)
    else:
        yield _spelling(each.binning, each.current, served, column)


def _absent(each: Column, served: pa.Table) -> Words:
    """Tell a feature that is not served; one that training did not have either is none."""
    if not each.reference.n:
        return None
    folded = _folded(each.watched.column)
    near = next((n for n in served.column_names if n != each.watched.column and _folded(n) == folded), None)  # fmt: skip
    return f"is served as {near.removeprefix('f_')!r}" if near else "is not served"


def _new(training: pa.Table, served: pa.Table) -> list[str]:
    """Return the features that training did not have; those that are only spelt otherwise are told there."""
    known = {_folded(name) for name in training.column_names}
    return [
        name
        for name in served.column_names
        if name.startswith("f_") and _folded(name) not in known
    ]  # fmt: skip


def _gaps(each: Column) -> Words:
    """Tell values that are missing where training had them."""
    now, held = each.current, each.reference
    if not held.rows:
        return None
    before, missing = wilson(held.nulls, held.rows), wilson(now.nulls, now.rows)
    if (missing.lo or 0.0) <= max(GAP, 2 * (before.hi or 0.0)):
        return None
    return f"{missing.value:.0%} is missing, {before.value:.0%} in training"


def _variety(each: Column) -> Words:
    """Tell one value where training has several, and several where it has one."""
    now, held = each.current, each.reference
    if not now.n or not held.n:
        return None
    usual = int(held.counts[int(now.counts.argmax())]) / held.n
    if _is_one_value(each.binning, now) and usual ** min(now.n, READINGS) < CHANCE:
        return "one value in every row, several in training"
    others = now.n - int(now.counts[int(held.counts.argmax())])
    if int(held.counts.max()) == held.n and others > RARE * now.n:
        return "several values, one in training"
    return None


def _is_one_value(binning: Binning, profile: Profile) -> bool:
    if isinstance(binning, NumericBinning):
        return profile.smallest >= profile.largest
    return int(profile.counts[:-1].max(initial=0)) == profile.n


def _kind(each: Column, training: pa.Table, served: pa.Table) -> Words:
    """Tell words in place of numbers, and numbers that are sent as text."""
    now, column = each.current, each.watched.column
    if now.invalid > (now.n + now.invalid) / 2:
        return "words, numbers in training"
    told = [t.schema.field(column).type for t in (training, served) if column in t.column_names]
    if len(told) == 2 and _is_text(told[1]) and not _is_text(told[0]):
        return "numbers sent as text"
    return None


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(value) or pa.types.is_large_string(value)


def _unit(binning: NumericBinning, each: Column, served: pa.Table) -> Words:
    values, _ = numbers(served.column(each.watched.column).combine_chunks())
    unit = other_unit(binning, each.reference, each.current, values)
    return f"looks like {unit.words}" if unit else None


def _spelling(binning: CategoryBinning, current: Profile, served: pa.Table, column: str) -> Words:
    """Tell levels that differ from those of training by case, blanks or marks alone."""
    if not current.counts[-1]:
        return None
    known = {_folded(level): level for level in binning.levels}
    told = labels(served, column)
    new = set(told[told != None]) - set(binning.levels)  # noqa: E711 - by element
    alike = {level: known[_folded(level)] for level in new if _folded(level) in known}
    rows = int(np.isin(told.astype(str), list(alike)).sum()) if alike else 0
    if rows <= RARE * len(told):
        return None
    level = min(alike)
    return f"{level!r} for {alike[level]!r}, {rows / len(told):.0%} of rows spelt otherwise"


def _folded(word: str) -> str:
    return "".join(each for each in word.casefold() if each.isalnum())
