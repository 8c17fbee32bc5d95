"""Numbers of columns that custody kept out of the log: nobody can tell them, and no sender is to blame."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from services.facts.evidence.types import MeasurementStatus
from services.facts.prediction.withheld import Decision, withheld
from services.facts.window.types import WITHHELD, Watched, WindowMetric
from services.kernel.period import Period


def withheld_of(
    rows: pa.Table, features: Iterable[Watched], decisions: Sequence[Decision], period: Period
) -> dict[str, str]:
    """Return the features that custody withheld in a window, each with the words for it."""
    names = {each.column: each.name for each in features}
    found = withheld(rows, names, decisions, period)
    return {names[column]: f"{word} {WITHHELD}" for column, word in found.items()}


def excused(number: WindowMetric, kept_out: Mapping[str, str]) -> WindowMetric:
    """Return a number of one feature; of one that was withheld there is none."""
    words = kept_out.get(number.feature)
    return number if words is None else untold(number, words)


def untold(number: WindowMetric, words: str) -> WindowMetric:
    """Return a number that nobody can tell, with the reason; unknown fires no rule and passes none."""
    return replace(
        number, value=None, lo=None, hi=None, floor=None, method=words,
        status=MeasurementStatus.NOT_ESTIMABLE,
    )  # fmt: skip
