"""How serving differs from training ever since it began: distances that stayed, and other writing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import NOTHING, number
from console.views.drift.history import said
from console.views.drift.limits import Limit
from console.views.drift.scope import Scope
from services.facts.drift.skew import DIFFERENCES, DISTANCE
from services.facts.drift.writing import ALIKE
from services.facts.window.types import Seen, WindowMetric

if TYPE_CHECKING:
    from services.bootstrap.services import Services

METRICS = (DISTANCE, DIFFERENCES)
CALENDAR = "moves with the calendar: shown, and nobody is alerted"
_MOST = 12


@dataclass(frozen=True, slots=True)
class SkewRow:
    """One feature: its skew with status and chance, and how it is written otherwise.

    Attributes
    ----------
    writing
        The status of ``words``.
    """

    feature: str
    status: str
    value: str
    chance: str
    words: str
    writing: str = "none"

    @property
    def is_beyond(self) -> bool:
        """Tell whether one of both crossed its limit."""
        return "fail" in (self.status, self.writing)


@dataclass(frozen=True, slots=True)
class Skew:
    """The features that differ most, and how many are left that do not."""

    rows: tuple[SkewRow, ...]
    others: int


def load(
    services: "Services", session: Session, scope: Scope, here: Seen, limits: Mapping[str, Limit]
) -> Skew:
    """Return the skew of every feature as one window knows it; what differs stands first."""
    found = services.windows.numbers(
        session, scope.monitor, metrics=METRICS, since=here.start, until=here.end
    )
    by = {(each.metric, each.feature): each for each in found}
    names = list(dict.fromkeys(each.feature for each in found))
    rows = [_row(name, by, limits) for name in names]
    told = [row for row in rows if row.is_beyond or row.words or row.status == "unknown"]
    told.sort(key=lambda row: (not row.is_beyond, not row.words, row.feature))
    return Skew(tuple(told[:_MOST]), len(rows) - len(told[:_MOST]))


def _row(
    name: str, by: Mapping[tuple[str, str], WindowMetric], limits: Mapping[str, Limit]
) -> SkewRow:
    distance, otherwise = by.get((DISTANCE, name)), by.get((DIFFERENCES, name))
    crossed, written = (
        each is not None and each.metric in limits and limits[each.metric].crossed(each)
        for each in (distance, otherwise)
    )
    told = distance or otherwise
    untold = told is not None and told.value is None
    shown = distance is not None or untold
    return SkewRow(
        name or "all features",
        "fail" if crossed else "unknown" if untold else "none",
        said(told) if told and shown and not told.is_withheld else NOTHING,
        number(distance.floor) if distance and not distance.is_calendar else NOTHING,
        "; ".join(_words(distance, otherwise)),
        "fail" if written else "none",
    )


def _words(distance: WindowMetric | None, otherwise: WindowMetric | None) -> Iterator[str]:
    if distance is not None and distance.is_calendar:
        yield CALENDAR
    written = otherwise is not None and otherwise.value and otherwise.method != ALIKE
    if otherwise is not None and (written or otherwise.is_withheld):
        yield otherwise.method
