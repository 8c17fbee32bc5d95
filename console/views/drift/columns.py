"""What came in beside how it is distributed: missing, new and invalid values of each column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import NOTHING
from console.views.drift.history import ends
from console.views.drift.limits import Limit
from console.views.drift.scope import Scope
from services.facts.evidence.types import MeasurementStatus
from services.facts.window.types import Seen, WindowMetric

if TYPE_CHECKING:
    from services.bootstrap.services import Services

METRICS = ("data_quality.missing_share", "data_quality.new_share", "data_quality.invalid_share")
_MOST = 12


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """The shares of one column in one window; ``beyond`` names those that certainly crossed a limit."""

    feature: str
    missing: str
    new: str
    invalid: str
    n: str
    beyond: frozenset[str]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns with the largest shares first, how many more there are, and how many are clean.

    Attributes
    ----------
    few
        How many rows there were, where they are too few to tell a share of any column; else None.
    """

    rows: tuple[ColumnRow, ...]
    more: int
    clean: int
    few: int | None = None


def load(
    services: "Services", session: Session, scope: Scope, here: Seen, limits: Mapping[str, Limit]
) -> Columns:
    """Return the shares of every column in one window."""
    found = services.windows.numbers(
        session, scope.monitor, metrics=METRICS, segment=scope.segment, since=here.start,
        until=here.end,
    )  # fmt: skip
    by: dict[str, dict[str, WindowMetric]] = {}
    for each in found:
        by.setdefault(each.feature, {})[each.metric] = each
    by.pop("", None)
    if by and all(map(_are_few, by.values())):
        return Columns((), 0, 0, here.rows)
    order = sorted(by, key=lambda name: (-_worst(by[name]), name))
    told = [name for name in order if _worst(by[name]) > 0 or _unknown(by[name])]
    return Columns(
        tuple(_row(name, by[name], limits) for name in told[:_MOST]), max(0, len(told) - _MOST),
        len(order) - len(told),
    )  # fmt: skip


def _worst(its: dict[str, WindowMetric]) -> float:
    return max((each.value or 0.0 for each in its.values()), default=0.0)


def _unknown(its: dict[str, WindowMetric]) -> bool:
    return all(each.value is None for each in its.values())


def _are_few(its: dict[str, WindowMetric]) -> bool:
    return all(each.status is MeasurementStatus.TOO_FEW for each in its.values())


def _row(name: str, its: dict[str, WindowMetric], limits: Mapping[str, Limit]) -> ColumnRow:
    missing, new, invalid = (_share(its.get(metric)) for metric in METRICS)
    beyond = {m for m, each in its.items() if m in limits and limits[m].crossed(each)}
    rows = max((each.n for each in its.values()), default=0)
    return ColumnRow(name, missing, new, invalid, f"{rows:,}", frozenset(beyond))


def _share(found: WindowMetric | None) -> str:
    if found is None:
        return NOTHING
    if found.is_withheld:
        return found.method
    if found.status is MeasurementStatus.TOO_FEW:
        return f"too few (n = {found.n:,})"
    return ends(found)
